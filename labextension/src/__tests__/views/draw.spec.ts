import { draw, h, isElsewhere, redraw } from '../../views/draw';

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

const texts = (place: Element): string[] => [...place.children].map(child => child.textContent);

test('what has another tag than before takes the place of what was there, and leaves nothing behind', () => {
  const place = host();
  const view = (tag: string) => [h(tag, { key: 'fold' }, tag), h('p', { key: 'after' }, 'after')];
  for (const tag of ['p', 'details', 'p', 'section', 'details']) {
    draw(place, view(tag));
    expect(texts(place)).toEqual([tag, 'after']);
  }
});

test('two of one key stay two, each with itself, however often they are drawn', () => {
  const place = host();
  const view = (count: number) => [
    ['a', 'b'].map(name => h('p', { key: 'twin' }, `${name} ${count}`)),
    h('details', { key: 'twin' }, 'fold')
  ];
  draw(place, view(1));
  const before = [...place.children];
  for (const count of [2, 3]) {
    draw(place, view(count));
    expect(texts(place)).toEqual([`a ${count}`, `b ${count}`, 'fold']);
    expect([...place.children]).toEqual(before);
  }
  draw(place, h('p', { key: 'twin' }, 'alone'));
  expect([...place.children]).toEqual([before[0]]);
});

test('what somebody else has put among the children goes away', () => {
  const place = host();
  draw(place, h('p', {}, 'a'), 'text');
  place.prepend(document.createElement('i'));
  place.append(document.createElement('b'));
  draw(place, h('p', {}, 'a'), 'text');
  expect([...place.childNodes].map(node => node.nodeName)).toEqual(['P', '#text']);
  expect(place.textContent).toBe('atext');
});

describe('the focus', () => {
  const list = (names: string[]) =>
    names.map(name => h('li', { key: name }, h('button', {}, name), h('input', {})));
  const focused = (place: Element, name: string): HTMLElement | undefined => {
    const found = [...place.querySelectorAll('button')].find(button => button.textContent === name);
    found?.focus();
    return found;
  };

  test.each([
    ['a row above goes away', ['b', 'c']],
    ['rows come above', ['x', 'y', 'a', 'b', 'c']],
    ['the order turns around', ['c', 'b', 'a']],
    ['it moves up', ['b', 'a', 'c']],
    ['it moves down', ['a', 'c', 'd', 'b']],
    ['all the others are new', ['x', 'b', 'y']]
  ])('stays in its row when %s', (_, after) => {
    const place = host();
    draw(place, h('ul', {}, list(['a', 'b', 'c'])));
    const button = focused(place, 'b');
    const lost: Event[] = [];
    button?.addEventListener('blur', event => lost.push(event));
    draw(place, h('ul', {}, list(after)));
    expect([...place.querySelectorAll('li')].map(row => row.textContent)).toEqual(after);
    expect(document.activeElement).toBe(button);
    expect(lost).toEqual([]);
  });

  test('stays where a line without a key goes away above', () => {
    const place = host();
    const view = (line: boolean) => [line ? h('p', {}, 'the same in all') : null, h('div', {}, list(['a']))];
    draw(place, view(true));
    const button = focused(place, 'a');
    draw(place, view(false));
    expect([document.activeElement, place.children.length]).toEqual([button, 1]);
    draw(place, view(true));
    expect([document.activeElement, place.textContent]).toEqual([button, 'the same in alla']);
  });

  test('stays on a button that is disabled meanwhile: it does nothing then, and works again afterwards', () => {
    const place = host();
    let [clicks, submits] = [0, 0];
    const view = (disabled: boolean) =>
      h(
        'form',
        {
          on: {
            submit: event => {
              event.preventDefault();
              submits += 1;
            }
          }
        },
        h('button', { type: 'button', disabled, on: { click: () => (clicks += 1) } }, 'go'),
        h('button', { type: 'submit', disabled }, 'send')
      );
    draw(place, view(false));
    const [go, send] = place.querySelectorAll('button');
    for (const button of [go, send]) {
      button?.focus();
      draw(place, view(true));
      expect([document.activeElement, button?.disabled]).toEqual([button, false]);
      expect(button?.getAttribute('aria-disabled')).toBe('true');
      button?.click();
      expect([clicks, submits]).toEqual(button === go ? [0, 0] : [1, 0]);
      draw(place, view(false));
      expect(button?.hasAttribute('aria-disabled')).toBe(false);
      button?.click();
      expect([clicks, submits]).toEqual(button === go ? [1, 0] : [1, 1]);
    }
    (document.activeElement as HTMLElement | null)?.blur();
    draw(place, view(true));
    expect([go?.disabled, send?.disabled]).toEqual([true, true]);
  });
});

test('nothing moves where something goes away or comes: what moves loses its scroll position', () => {
  const place = host();
  const list = (names: string[]) => names.map(name => h('li', { key: name }, name));
  draw(place, list(['a', 'b', 'c', 'd']));
  const watch = new MutationObserver(() => undefined);
  watch.observe(place, { childList: true });
  draw(place, list(['b', 'd']));
  draw(place, list(['b', 'x', 'd']));
  const records = watch.takeRecords();
  const names = (nodes: (record: MutationRecord) => NodeList) =>
    records.flatMap(record => [...nodes(record)].map(node => node.textContent));
  expect(names(record => record.removedNodes)).toEqual(['a', 'c']);
  expect(names(record => record.addedNodes)).toEqual(['x']);
});

test('a reader is elsewhere where the focus is neither in a place nor around it', () => {
  document.body.replaceChildren();
  const around = document.body.appendChild(document.createElement('div'));
  around.tabIndex = -1;
  const place = around.appendChild(document.createElement('div'));
  const [within, beside] = [place, around].map(parent =>
    parent.appendChild(document.createElement('button'))
  );
  const seen = [null, around, within, beside].map(at => {
    (document.activeElement as HTMLElement | null)?.blur();
    at?.focus();
    return isElsewhere(place);
  });
  expect(seen).toEqual([false, false, false, true]);
});
