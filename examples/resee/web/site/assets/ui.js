// Views as functions of the state, in thirty lines: no build, no framework.

/** An element: h('button', { onclick, class: 'big' }, 'Save'). Children are elements, text, lists of these, or null. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/** Show view(state, update) in root, again after each update({ changed: 'fields' }). */
export function mount(root, view, state) {
  function update(changes) {
    Object.assign(state, changes);
    root.replaceChildren(view(state, update));
  }
  update({});
  return update;
}
