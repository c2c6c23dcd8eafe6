import { draw, h, redraw } from '../../views/draw';

const host = (): HTMLElement => document.body.appendChild(document.createElement('div'));

test('text stays text, whatever it contains', () => {
  const place = host();
  draw(place, h('p', {}, '<img src=x onerror=alert(1)>'));
  expect(place.querySelector('img')).toBeNull();
  expect(place.textContent).toBe('<img src=x onerror=alert(1)>');
});

test('a second drawing keeps the elements, what was typed and the focus', () => {
  const place = host();
  const view = (count: number) => [h('p', {}, `count ${count}`), h('input', { value: 'first' })];
  draw(place, view(1));
  const field = place.querySelector('input');
  field?.focus();
  if (field) {
    field.value = 'typed';
  }
  draw(place, view(2));
  expect(place.querySelector('input')).toBe(field);
  expect(field?.value).toBe('typed');
  expect(document.activeElement).toBe(field);
  expect(place.querySelector('p')?.textContent).toBe('count 2');
});

test('a value that the view itself changes is shown', () => {
  const place = host();
  draw(place, h('input', { value: 'a' }));
  draw(place, h('input', { value: 'b' }));
  expect(place.querySelector('input')?.value).toBe('b');
});

test('a handler that changed is the one that is called, once', () => {
  const place = host();
  const calls: string[] = [];
  const view = (name: string) => h('button', { on: { click: () => calls.push(name) } }, 'go');
  draw(place, view('old'));
  draw(place, view('new'));
  place.querySelector('button')?.click();
  expect(calls).toEqual(['new']);
});

test('keyed children move and keep themselves', () => {
  const place = host();
  const list = (names: string[]) => names.map(name => h('li', { key: name }, name));
  draw(place, list(['a', 'b', 'c']));
  const [a, b, c] = [...place.children];
  draw(place, list(['c', 'a']));
  expect([...place.children]).toEqual([c, a]);
  expect(b?.isConnected).toBe(false);
});

test('an attribute that is gone is taken away, and svg is drawn in its own namespace', () => {
  const place = host();
  draw(place, h('p', { title: 'x', hidden: true }));
  draw(place, h('p', {}), h('svg', {}, h('path', { d: 'M0 0' })));
  expect(place.querySelector('p')?.hasAttribute('title')).toBe(false);
  expect(place.querySelector('p')?.hasAttribute('hidden')).toBe(false);
  expect(place.querySelector('path')?.namespaceURI).toBe('http://www.w3.org/2000/svg');
});

test('what an element holds by its own state is drawn anew by itself, and stays when what is around it is', () => {
  const place = host();
  const counts = new WeakMap<Element, number>();
  const counter = (word: string) =>
    h('b', { key: 'counter', inside: element => [word, ' ', counts.get(element) ?? 0] });
  draw(place, h('i', {}, 'before'), counter('so many:'));
  const [before, here] = [...place.children];
  expect(here?.hasAttribute('inside')).toBe(false);
  if (here) {
    counts.set(here, 2);
    redraw(here);
  }
  expect(place.textContent).toBe('beforeso many: 2');
  draw(place, counter('now:'));
  expect([place.textContent, place.firstElementChild]).toEqual(['now: 2', here]);
  expect(before?.isConnected).toBe(false);
});

test('nothing, false and null are not drawn', () => {
  const place = host();
  draw(place, null, false, undefined, '', [h('b', {}, 0)]);
  expect([...place.childNodes].map(node => node.textContent)).toEqual(['0']);
});
