// The whole front end on a document and an API that are just big enough.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

class FakeElement {
  constructor(tag) {
    Object.assign(this, { tag, attributes: {}, listeners: {}, children: [] });
  }

  addEventListener(name, listener) {
    this.listeners[name] = listener;
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  append(...children) {
    this.children.push(...children);
  }

  replaceChildren(...children) {
    this.children = children;
  }

  get text() {
    return this.children.map((child) => child.text ?? child).join(' ');
  }

  find(tag, text = '') {
    const found = this.children.filter((child) => child instanceof FakeElement).map((child) => child.find(tag, text));
    return this.tag === tag && this.text.includes(text) ? this : (found.find(Boolean) ?? null);
  }
}

const root = new FakeElement('main');
const requests = [];
let due = [{ id: 7, question: '2 + 2', answer: '4' }];
let status = 200;

globalThis.document = {
  body: { dataset: { version: '2' } },
  createElement: (tag) => new FakeElement(tag),
  getElementById: () => root,
};
globalThis.fetch = async (path, { method, body }) => {
  requests.push(`${method} ${path} ${body ?? ''}`.trim());
  const answers = {
    '/api/cards/due/': { results: due },
    '/api/days/?limit=1': { results: [{ date: '2026-01-31', reviewed: 2, remembered: 1 }] },
  };
  return { ok: status < 400, status, json: async () => answers[path] ?? {} };
};

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

async function click(text) {
  root.find('button', text).listeners.click();
  await settle();
}

before(async () => {
  await import('../site/assets/app.js');
  await settle();
});

test('the page shows the version, the day and the first card without its answer', () => {
  assert.match(root.text, /version 2/);
  assert.match(root.text, /1 due.*1 of 2 remembered on 2026-01-31/);
  assert.ok(root.find('h2', '2 + 2'));
  assert.equal(root.find('p', '4'), null);
});

test('a card is revealed and reviewed', async () => {
  await click('Show the answer');
  assert.ok(root.find('p', '4'));
  due = [];
  await click('I knew it');
  assert.ok(requests.includes('POST /api/cards/7/review/ {"remembered":true}'));
  assert.match(root.text, /Nothing is due/);
});

test('a server that fails is told, and forgotten when it is back', async () => {
  const submit = root.find('form').listeners.submit;
  globalThis.FormData = class {
    get = (name) => `a ${name}`;
  };
  status = 503;
  submit({ preventDefault() {} });
  await settle();
  assert.match(root.text, /The server answered 503/);
  status = 200;
  submit({ preventDefault() {} });
  await settle();
  assert.doesNotMatch(root.text, /answered/);
  assert.ok(requests.includes('POST /api/cards/ {"question":"a question","answer":"a answer"}'));
});
