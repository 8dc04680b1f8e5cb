// Review what is due, one card at a time, and add new ones.

import { addCard, dueCards, reviewCard, today } from './api.js';
import { h, mount } from './ui.js';

function Review({ due, revealed }, act) {
  const [card] = due;
  if (!card) return h('p', { class: 'quiet' }, 'Nothing is due. Well done.');
  return h('section', { class: 'card' }, [
    h('h2', null, card.question),
    revealed
      ? [
          h('p', { class: 'answer' }, card.answer),
          h('button', { onclick: () => act.review(card, true) }, 'I knew it'),
          h('button', { onclick: () => act.review(card, false), class: 'second' }, 'Not yet'),
        ]
      : h('button', { onclick: act.reveal }, 'Show the answer'),
  ]);
}

function NewCard(act) {
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    act.add(form.get('question'), form.get('answer'));
  };
  return h('form', { onsubmit: submit }, [
    h('input', { name: 'question', placeholder: 'Question', required: true, maxlength: 500 }),
    h('input', { name: 'answer', placeholder: 'Answer', required: true, maxlength: 2000 }),
    h('button', { class: 'second' }, 'Add a card'),
  ]);
}

function Page(state, act) {
  const { day, due, error } = state;
  return h('div', null, [
    h('header', null, [
      h('h1', null, 'Resee'),
      h('span', { class: 'quiet' }, `version ${document.body.dataset.version}`),
    ]),
    error && h('p', { class: 'error', role: 'alert' }, error),
    h('p', null, `${due.length} due`, day ? `, ${day.remembered} of ${day.reviewed} remembered on ${day.date}` : ''),
    Review(state, act),
    NewCard(act),
  ]);
}

async function refresh(change) {
  try {
    await change?.();
    const [due, day] = await Promise.all([dueCards(), today()]);
    update({ due, day, revealed: false, error: null });
  } catch (error) {
    update({ error: error.message });
  }
}

const act = {
  reveal: () => update({ revealed: true }),
  review: (card, remembered) => refresh(() => reviewCard(card.id, remembered)),
  add: (question, answer) => refresh(() => addCard(question, answer)),
};

const state = { due: [], day: null, revealed: false, error: null };
const update = mount(document.getElementById('app'), (current) => Page(current, act), state);
refresh();
