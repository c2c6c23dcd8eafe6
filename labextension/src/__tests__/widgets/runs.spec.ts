import compare from '../../widgets/compare';
import module from '../../widgets/runs';
import { run } from '../samples';
import { FakeModel } from './fakes';

const other = run({ id: 'b'.repeat(26), name: 'deeper', started: '2025-01-01T00:00:00Z' });
const page = (cursor: string | null, total = 5) => ({ items: [run(), other], total, cursor });

function shown(model: FakeModel): HTMLElement {
  const place = document.body.appendChild(document.createElement('div'));
  module.render({ model, el: place });
  return place;
}

const table = (cursor: string | null) =>
  new FakeModel({ record: page(cursor), query: 'r2 > 0', order: 'name', archived: false, problem: {} });

const press = (place: HTMLElement, name: string): void => {
  [...place.querySelectorAll('button')]
    .find(button => (button.getAttribute('aria-label') ?? button.textContent) === name)
    ?.click();
};
const found = (cursor: string) => ({
  action: 'find',
  query: 'r2 > 0',
  order: 'name',
  archived: false,
  cursor
});

afterEach(() => {
  document.body.replaceChildren();
});

test('pages are turned forward by their cursor and back by where the kernel says the one before begins', () => {
  const model = table('second');
  const place = shown(model);
  expect(place.textContent).toContain('1–2 of 5 runs');
  press(place, 'Next page');
  model.set({ record: page('third'), before: 2, back: '' });
  expect(place.textContent).toContain('3–4 of 5 runs');
  press(place, 'Next page');
  model.set({ record: page(null), before: 4, back: 'second' });
  expect(place.textContent).toContain('5–6 of 5 runs');
  press(place, 'Page before');
  model.set({ record: page('third'), before: 2, back: '' });
  press(place, 'Page before');
  expect(model.sent).toEqual([found('second'), found('third'), found('second'), found('')]);
});

test('a page that does not come can be asked for again, and the count stays with the rows', () => {
  const model = table('second');
  const place = shown(model);
  const count = () => /\d+–\d+ of 5 runs/.exec(place.textContent)?.[0];
  press(place, 'Next page');
  press(place, 'Next page');
  expect(model.sent).toEqual([found('second'), found('second')]);
  expect(count()).toBe('1–2 of 5 runs');
  // The kernel says one page twice: it is counted once.
  for (let times = 0; times < 2; times += 1) {
    model.set({ busy: true });
    model.set({ record: page('third'), before: 2, back: '' });
    model.set({ busy: false });
    expect(count()).toBe('3–4 of 5 runs');
  }
  press(place, 'Next page');
  model.set({ busy: true });
  model.set({ error: 'the store does not answer' });
  model.set({ busy: false });
  expect(count()).toBe('3–4 of 5 runs');
  press(place, 'Next page');
  expect(model.sent.slice(2)).toEqual([found('third'), found('third')]);
});

test('what else is answered while a page is awaited does not turn it', () => {
  const model = table('second');
  const place = shown(model);
  press(place, 'Next page');
  model.set({ busy: true });
  model.set({ compared: {}, curves: [] });
  model.set({ busy: false });
  expect(place.textContent).toContain('1–2 of 5 runs');
  model.set({ record: page('third'), before: 2, back: '' });
  expect(place.textContent).toContain('3–4 of 5 runs');
});

test('a message that cannot leave is said in the output, until one does', () => {
  const model = table('second');
  const place = shown(model);
  const said = () => place.querySelector('[role=alert]')?.textContent;
  const send = jest.spyOn(model, 'send').mockImplementation(() => {
    throw new Error('the comm is closed');
  });
  const thrown: unknown[] = [];
  const listener = (event: ErrorEvent): void => {
    event.preventDefault();
    thrown.push(event.error);
  };
  window.addEventListener('error', listener);
  press(place, 'Next page');
  window.removeEventListener('error', listener);
  expect([thrown, said()]).toEqual([[], '✕the comm is closed']);
  model.set({ error: 'what the kernel said before' });
  expect(said()).toBe('✕the comm is closed');
  send.mockRestore();
  model.set({ error: '' });
  press(place, 'Next page');
  expect([said(), model.sent]).toEqual([undefined, [found('second')]]);
});

test('a column head orders what the field asks for; a page turned brings back what the rows answer', () => {
  const model = table('second');
  const place = shown(model);
  const field = place.querySelector<HTMLInputElement>('input[type=search]');
  if (field) {
    field.value = 'mae <<';
  }
  field?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  model.set({ error: 'expected a number', problem: { column: 5 } });
  place.querySelector<HTMLButtonElement>('th .jmlops-head')?.click();
  expect(model.sent[1]).toMatchObject({ action: 'find', query: 'mae <<' });
  model.set({ error: '' });
  model.set({ error: 'expected a number' });
  press(place, 'Next page');
  expect(model.sent[2]).toEqual(found('second'));
  expect(field?.value).toBe('r2 > 0');
});

test('what could not be archived stays chosen', () => {
  const model = table(null);
  const place = shown(model);
  const boxes = () => [...place.querySelectorAll<HTMLInputElement>('tbody input')];
  boxes()[0]?.click();
  press(place, 'Archive');
  model.set({ error: 'the store does not answer' });
  expect(boxes().map(box => box.checked)).toEqual([true, false]);
  press(place, 'Archive');
  model.set({ error: '', record: page(null) });
  expect(model.sent).toHaveLength(2);
  expect(boxes().map(box => box.checked)).toEqual([false, false]);
});

test('what could not even be asked to be put away is said at once and stays chosen, and can be asked again', () => {
  const model = table(null);
  const place = shown(model);
  const said = () => place.querySelector('[role=alert]')?.textContent;
  const box = () => place.querySelector<HTMLInputElement>('tbody input');
  box()?.click();
  const send = jest.spyOn(model, 'send').mockImplementation(() => {
    throw new Error('the comm is closed');
  });
  press(place, 'Archive');
  expect([said(), box()?.checked]).toEqual(['✕the comm is closed', true]);
  model.set({ record: page(null) });
  expect(box()?.checked).toBe(true);
  send.mockRestore();
  press(place, 'Archive');
  expect([said(), box()?.checked]).toEqual([undefined, true]);
  model.set({ record: page(null) });
  expect(box()?.checked).toBe(false);
});

/** Choose the first run of a page and put it away; whether it is chosen. */
function archiving(model: FakeModel): () => boolean | undefined {
  const place = shown(model);
  const box = () => place.querySelector<HTMLInputElement>('tbody input');
  box()?.click();
  press(place, 'Archive');
  expect(model.sent.at(-1)).toMatchObject({ action: 'archive' });
  return () => box()?.checked;
}

test.each([
  ['the next page', { before: 2, back: '' }],
  ['another question', { query: 'mae < 4' }],
  ['another order', { order: 'name desc' }]
])('%s that comes while runs are put away is not the answer to that', (_, traits) => {
  for (const error of ['', 'the store does not answer']) {
    const model = table('second');
    model.set({ before: 0, back: '' });
    const chosen = archiving(model);
    model.set({ busy: true });
    model.set({ record: page('third'), ...traits });
    model.trigger('change'); // as when a reader does something meanwhile
    model.set({ busy: false });
    expect(chosen()).toBe(true);
    model.set({ busy: true });
    model.set({ error });
    model.set({ busy: false });
    expect(chosen()).toBe(error !== '');
  }
});

test('what the kernel was at before runs are put away ends without an answer to that', () => {
  for (const error of ['', 'the store does not answer']) {
    const model = table('second');
    model.set({ busy: true });
    const chosen = archiving(model);
    model.set({ compared: {}, record: page('second') });
    model.set({ busy: false });
    expect(chosen()).toBe(true);
    model.set({ busy: true });
    model.set({ error });
    model.set({ busy: false });
    expect(chosen()).toBe(error !== '');
  }
});

function regroup(place: HTMLElement, word: string): void {
  const field = place.querySelector('select');
  const option = [...(field?.options ?? [])].find(({ text }) => text === word);
  if (field && option) {
    field.value = option.value;
  }
  field?.dispatchEvent(new Event('change'));
}

test('groups are shown as soon as they are those of the rows, over what was asked for', () => {
  const varied = [run({ params: { alpha: 1 } }), { ...other, params: { alpha: 2 } }];
  const model = table(null);
  model.set({ record: { items: varied, total: 2, cursor: null }, groups: [], grouped_over: null });
  const place = shown(model);
  const said = (): string | undefined => /Grouping…|\d groups? of [^;]*/.exec(place.textContent)?.[0];
  const one = { experiment: 'air', name: 'one', params: {}, runs: [other.id], metrics: {} };
  regroup(place, 'over seeds');
  expect(said()).toBe('Grouping…');
  model.set({ groups: [one], grouped_over: '', grouped_query: 'r2 > 0' });
  expect(said()).toBe('1 group of 1 run, equal in all but their seeds');
  regroup(place, 'over alpha');
  expect(said()).toBe('Grouping…');
  model.set({ groups: [one, { ...one, runs: [run().id] }], grouped_over: 'alpha' });
  expect(said()).toBe('2 groups of 2 runs, equal in all but alpha');
  model.set({ query: 'mae < 4' });
  expect(said()).toBe('Grouping…');
  model.set({ groups: [one], grouped_query: 'mae < 4' });
  expect(said()).toBe('1 group of 1 run, equal in all but alpha');
  regroup(place, 'a line for each run');
  expect(said()).toBeUndefined();
});

test('the list of experiments is another one when what is archived comes to the rows', () => {
  const model = table(null);
  const place = shown(model);
  const folder = () => place.querySelector('.jmlops-folders');
  const before = folder();
  model.set({ query: 'mae < 4' });
  expect(folder()).toBe(before);
  model.set({ archived: true });
  expect(folder()).not.toBe(before);
});

test('after a query that could not be read it is the rows that are grouped', () => {
  const model = table(null);
  const place = shown(model);
  const ask = (query: string): void => {
    const field = place.querySelector<HTMLInputElement>('input[type=search]');
    if (field) {
      field.value = query;
    }
    field?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  };
  const group = (word = 'over seeds'): void => {
    regroup(place, word);
  };
  ask('mae <<');
  model.set({ busy: true });
  model.set({ error: 'expected a number', problem: { column: 5 } });
  model.set({ busy: false });
  group();
  expect(model.sent.at(-1)).toEqual({ action: 'group', query: 'r2 > 0', over: '' });
  // The kernel takes its error back, and keeps the problem of the query that stands in the field.
  model.set({ error: '', groups: [] });
  group('a line for each run');
  group();
  expect(model.sent.slice(1)).toEqual(Array(2).fill({ action: 'group', query: 'r2 > 0', over: '' }));
  group('a line for each run');
  ask('mae < 4');
  model.set({ query: 'mae < 4', record: page(null), problem: {} });
  group();
  expect(model.sent.at(-1)).toEqual({ action: 'group', query: 'mae < 4', over: '' });
});

test('a new question begins at the first page', () => {
  const model = table('second');
  const place = shown(model);
  press(place, 'Next page');
  const field = place.querySelector<HTMLInputElement>('input[type=search]');
  if (field) {
    field.value = 'mae < 4';
  }
  field?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  press(place, 'Page before');
  expect(model.sent[1]).toEqual({ action: 'find', query: 'mae < 4', order: 'name', archived: false });
  expect(place.textContent).toContain('1–2 of 5 runs');
});

test('the chosen are compared oldest first, and the comparison is taken away again', () => {
  const model = table(null);
  const place = shown(model);
  place.querySelectorAll<HTMLInputElement>('tbody input').forEach(box => {
    box.click();
  });
  press(place, 'Compare 2');
  expect(model.sent).toEqual([{ action: 'compare', runs: [other.id, run().id] }]);
  const comparison = {
    runs: [other, run()],
    headline: 'deeper is better',
    metrics: [],
    params: [],
    data: [],
    environment: [],
    code: [],
    figures: []
  };
  const file = { run: run().id, name: 'figures/r.png', digest: 'd', size: 3, media_type: 'image/png' };
  const figures = [{ name: 'figures/r.png', files: [null, file] }];
  const pictures = { d: 'data:image/png;base64,AAAA' };
  model.set({ compared: { ...comparison, figures }, curves: [], pictures });
  expect(place.querySelector('img')?.getAttribute('src')).toBe(pictures.d);
  model.set({ compared: comparison, curves: [], pictures: {} });
  expect(place.querySelector('.jmlops-headline')?.textContent).toBe('deeper is better');
  press(place, 'Close the comparison');
  model.set({ compared: {} });
  expect(place.querySelector('.jmlops-compare')).toBeNull();

  const alone = document.body.appendChild(document.createElement('div'));
  compare.render({ model: new FakeModel({ record: comparison, curves: [] }), el: alone });
  expect(alone.textContent).toContain('deeper is better');
});

const spark = (of: string) => ({ run: of, key: 'loss', count: 9, steps: [0, 1, 2], values: [3, 2, 1] });
const line = (of: string, name: string) => ({
  name,
  run: of,
  points: [1, 2].map(step => ({ step, sequence: step, value: step }))
});

test('each run has its curve in the table, and when compared below the colour it has there', () => {
  const model = table(null);
  const place = shown(model);
  const lines = (): readonly (string | null)[] =>
    [...place.querySelectorAll('.jmlops-spark path')].map(path => path.getAttribute('class'));
  expect(lines()).toEqual([]);
  model.set({ sparks: [spark(run().id), spark(other.id)] });
  expect(lines()).toEqual(['jmlops-line', 'jmlops-line']);
  model.set({
    compared: {
      runs: [other, run()],
      headline: '',
      metrics: [],
      params: [],
      data: [],
      environment: [],
      code: [],
      figures: []
    },
    curves: [{ name: 'loss', series: [line(other.id, 'deeper'), line(run().id, 'baseline')] }]
  });
  expect(lines()).toEqual(['jmlops-line jmlops-series-1', 'jmlops-line jmlops-series-0']);
});

test('a tag typed and ended with Enter reaches the kernel, where no form is ever submitted', () => {
  const model = table(null);
  const place = shown(model);
  place.querySelector<HTMLInputElement>('tbody input')?.click();
  const field = place.querySelector<HTMLInputElement>('[aria-label^="Tag of"]');
  if (field) {
    field.value = 'team=risk';
  }
  field?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  expect(model.sent).toEqual([{ action: 'tag', runs: [run().id], tags: { team: 'risk' } }]);
});

test('a query that cannot be read stays in its field, underlined', () => {
  const model = table(null);
  const place = shown(model);
  model.set({ error: 'expected a number', problem: { column: 5 } });
  expect(place.querySelector('mark')).not.toBeNull();
  expect(place.querySelectorAll('tbody tr')).toHaveLength(2);
});
