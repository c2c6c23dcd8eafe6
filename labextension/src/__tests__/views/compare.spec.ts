import { axesOf, part, within } from '../../views/axes';
import { codeChange } from '../../views/code';
import { drawComparison, type CompareRecord } from '../../views/compare';
import { draw } from '../../views/draw';
import { untranslated } from '../../views/words';
import type { Run, RunComparison } from '../../wire';
import { NOW, run } from '../samples';
import { settled } from '../widgets/fakes';

const setting = { trans: untranslated, now: () => NOW };
const named = (name: string): Run => run({ id: name.padStart(26, '0'), name });

function comparison(names: readonly string[], more: Partial<RunComparison> = {}): RunComparison {
  return {
    runs: names.map(named),
    headline: 'b is better by 1.1 mae; it differs in alpha.',
    metrics: [
      {
        name: 'mae',
        values: names.map((_, place) => 42 - place),
        direction: 'lower',
        best: names.length - 1,
        difference: names.length === 2 ? -1 : null
      }
    ],
    params: [
      { name: 'alpha', values: names.map((_, place) => place / 10) },
      { name: 'model', values: names.map((_, place) => (place % 2 ? 'ridge' : 'forest')) }
    ],
    data: [],
    environment: [],
    code: [],
    figures: [],
    ...more
  };
}

function drawn(record: RunComparison, more: Partial<CompareRecord> = {}): HTMLElement {
  const here = document.body.appendChild(document.createElement('div'));
  drawComparison(here, { comparison: record, ...more }, setting);
  return here;
}

const MANY = ['a', 'b', 'c', 'd', 'e', 'f'];
const rows = (here: HTMLElement): number => here.querySelectorAll('tbody tr').length;

test('two runs: the sentence first, then only what differs, with sign and direction', () => {
  const here = drawn(comparison(['a', 'b']));
  const parts = [...here.querySelectorAll('h4')].map(title => title.textContent);
  expect(here.querySelector('article')?.firstElementChild?.textContent).toContain('b is better');
  expect(parts).toEqual(['Metrics', 'Parameters']);
  const mae = [...here.querySelectorAll('tbody tr')].find(line => line.textContent?.startsWith('mae'));
  expect(mae?.textContent).toContain('−1 ▲ better');
});

test('a pure re-run shows nothing but timing', () => {
  const again = comparison(['a', 'b'], {
    metrics: [],
    params: [],
    headline: 'it differs in nothing but time.'
  });
  const here = drawn(again);
  const facts = [...here.querySelectorAll('tbody th')].map(title => title.textContent);
  expect(facts).toEqual(['run', 'started', 'took', 'grade']);
  expect(here.querySelectorAll('details, figure')).toHaveLength(0);
});

test('a moved cell is a move: a sign and a word, and no lines to read', () => {
  const here = document.createElement('div');
  draw(here, codeChange({ cell: 'c4', kind: 'moved', diff: '', label: 'cell 4' }, untranslated));
  expect(here.textContent).toBe('↕ cell 4 moved');
  expect(here.querySelector('pre')).toBeNull();
});

test('an imported file that is another is told with the code: what became of it, and the heads of its digests', () => {
  const change = { before: 'a'.repeat(64), after: 'b'.repeat(64), note: '' };
  const note = 'edited around its import';
  const here = drawn(
    comparison(['a', 'b'], {
      code: [
        {
          run: named('b').id,
          changes: [],
          outputs: [],
          modules: [
            { ...change, path: 'helpers.py', kind: 'edited' },
            { ...change, path: 'new.py', kind: 'added', before: '' },
            { ...change, path: '<b>odd</b>.py', kind: 'unsure', after: change.before, note }
          ]
        }
      ]
    })
  );
  expect([...here.querySelectorAll('.jmlops-change')].map(line => line.textContent)).toEqual([
    '✎ module helpers.py edited aaaaaa → bbbbbb',
    '+ module new.py added bbbbbb',
    '? module <b>odd</b>.py may not be what ran aaaaaa (edited around its import)'
  ]);
  expect(here.querySelector('.jmlops-change code')?.getAttribute('title')).toBe(
    `${change.before} → ${change.after}`
  );
});

test('data are told by the heads of their digests, and in words where they have none', () => {
  const data = [{ name: 'X (train) #2', values: ['a'.repeat(64), 'not digested, 9 bytes'] }];
  const row = drawn(comparison(['a', 'b'], { data })).querySelector(
    '[aria-label="Data"], section:last-of-type tbody tr'
  );
  expect(row?.textContent).toBe('X (train) #2aaaaaanot digested, 9 bytes');
});

test('axes are what differs, words in a row, with what is no number left out', () => {
  const axes = axesOf(
    comparison(MANY, {
      metrics: [
        { name: 'mae', values: [1, 2, 'nan', 4, null, 6], direction: 'lower', best: 0, difference: null },
        { name: 'r2', values: MANY.map(() => 0.9), direction: 'higher', best: null, difference: null }
      ]
    }),
    untranslated
  );
  expect(axes.map(axis => axis.name)).toEqual(['alpha', 'model', 'mae']);
  expect(axes.map(axis => axis.title)).toEqual(['alpha', 'model', 'mae']);
  expect(axes[2]?.values).toEqual([1, 2, null, 4, null, 6]);
  expect(axes[1]?.say(1)).toBe('ridge');
  expect(axes[2] && part(axes[2], 3.5)).toBe(0.5);
  const range = new Map([['metric mae', [2, 6] as const]]);
  expect(MANY.map((_, place) => within(axes, range, place))).toEqual([false, true, false, true, false, true]);
});

test('more than four runs are lines, points and rows', () => {
  const here = drawn(comparison(MANY));
  expect(here.querySelectorAll('.jmlops-strand')).toHaveLength(6);
  expect(here.querySelectorAll('.jmlops-point')).toHaveLength(6);
  expect(rows(here)).toBe(6);
  expect(here.querySelector('.jmlops-strand-best title')?.textContent).toBe('f');
  expect(drawn(comparison(['a', 'b', 'c', 'd'])).querySelector('.jmlops-strand')).toBeNull();
});

test('a range that is typed leaves the runs within it, also in the next drawing, and can be taken back', () => {
  const record = comparison(MANY);
  const here = drawn(record);
  const type = (label: string, text: string): void => {
    const field = here.querySelector<HTMLInputElement>(`[aria-label="${label}"]`);
    if (field) {
      field.value = text;
      field.dispatchEvent(new Event('change', { bubbles: true }));
    }
  };
  type('mae at most', '39');
  expect(rows(here)).toBe(3);
  expect(here.querySelectorAll('.jmlops-strand-out')).toHaveLength(3);
  expect(here.textContent).toContain('3 of 6 runs');
  drawComparison(here, { comparison: record }, setting);
  expect(rows(here)).toBe(3);
  type('mae at most', '');
  expect(rows(here)).toBe(6);
});

test('what stands over what is picked', () => {
  const here = drawn(comparison(MANY));
  const label = () => here.querySelector('.jmlops-scatter svg')?.getAttribute('aria-label');
  expect(label()).toBe('6 runs, mae over alpha');
  const select = here.querySelector<HTMLSelectElement>('[aria-label="Along the bottom"]');
  if (select) {
    select.value = 'parameter model';
    select.dispatchEvent(new Event('change', { bubbles: true }));
  }
  expect(label()).toBe('6 runs, mae over model');
});

/** A picture of *metric*, a line for each of these runs. */
const picture = (metric: string, runs: readonly Run[]) => ({
  name: metric,
  series: runs.map(({ name, id }, place) => ({
    name,
    run: id,
    points: [0, 1, 2].map(step => ({ step, value: place + step }))
  }))
});

test('a run has one colour in all pictures of the view, and in the table', () => {
  const record = comparison(MANY);
  const lines = [record.runs[1], record.runs[3]].filter(found => found !== undefined);
  const here = drawn(record, { curves: [picture('loss', lines), picture('mae', lines)] });
  const colour = (element: Element | null | undefined): string | undefined =>
    /jmlops-series-\d/.exec(element?.getAttribute('class') ?? '')?.[0];
  const named = (selector: string, name: string): Element | undefined =>
    [...here.querySelectorAll(selector)].find(found => found.textContent?.startsWith(name));
  for (const [name, expected] of [
    ['b', 'jmlops-series-0'],
    ['d', 'jmlops-series-1'],
    ['a', undefined]
  ] as const) {
    expect(colour(named('.jmlops-strand', name))).toBe(expected);
    expect(colour(named('.jmlops-point', `${name}:`)?.querySelector('circle'))).toBe(expected);
    const row = [...here.querySelectorAll('tbody tr')].find(
      found => found.querySelector('.jmlops-name')?.textContent === name
    );
    expect(colour(row?.querySelector('.jmlops-swatch path'))).toBe(expected);
  }
  const charts = [...here.querySelectorAll('.jmlops-picture')];
  expect(charts.map(chart => [...chart.querySelectorAll('.jmlops-line')].map(colour))).toEqual([
    ['jmlops-series-0', 'jmlops-series-1'],
    ['jmlops-series-0', 'jmlops-series-1']
  ]);
});

test('two runs of one name are told apart in the picture as in the table', () => {
  const twins = [run({ id: 'a'.repeat(26), name: 'same' }), run({ id: 'b'.repeat(26), name: 'same' })];
  const here = drawn({ ...comparison(['x', 'y']), runs: twins }, { curves: [picture('loss', twins)] });
  const label = here.querySelector('.jmlops-picture')?.getAttribute('aria-label');
  expect(label).toContain('same aaaaaa over 3 points');
  expect(label).toContain('same bbbbbb over 3 points');
});

test('what the lines of many runs draw is copied, as far as it lies within what was drawn', async () => {
  const texts: string[] = [];
  const take = (text: string): Promise<void> => {
    texts.push(text);
    return Promise.resolve();
  };
  Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText: take } });
  const here = drawn(comparison(MANY));
  const field = here.querySelector<HTMLInputElement>('[aria-label="mae at most"]');
  if (field) {
    field.value = '37';
    field.dispatchEvent(new Event('change', { bubbles: true }));
  }
  [...here.querySelectorAll('button')].find(found => found.textContent === 'Copy the data')?.click();
  await settled();
  expect(texts).toEqual([['run\tid\talpha\tmodel\tmae', `f\t${named('f').id}\t0.5\tridge\t37`].join('\n')]);

  const params = [
    { name: 'on', values: MANY.map(name => name < 'c') },
    { name: 'depth', values: MANY.map((_, n) => (n ? null : 0.123456789)) }
  ];
  const there = drawn(comparison(MANY, { params, metrics: [] }));
  [...there.querySelectorAll('button')].find(found => found.textContent === 'Copy the data')?.click();
  await settled();
  const cells = texts[1]?.split('\n').map(row => row.split('\t').slice(2));
  expect(cells?.slice(0, 4)).toEqual([
    ['on', 'depth'],
    ['True', '0.123456789'],
    ['True', ''],
    ['False', '']
  ]);
});

test('runs of one name, and executions of one cell, each have their own code, however often they are drawn', () => {
  const twins = ['a', 'b', 'c'].map(letter => run({ id: letter.repeat(26), name: 'same' }));
  const change = { cell: 'c4', kind: 'edited', label: 'cell 4' } as const;
  const code = twins.slice(1).map(({ id }) => ({
    run: id,
    changes: [1, 2].map(time => ({ ...change, diff: `+${id[0] ?? ''}${time}` })),
    modules: [],
    outputs: []
  }));
  const here = document.body.appendChild(document.createElement('div'));
  const texts: (string | null)[] = [];
  for (let times = 0; times < 3; times += 1) {
    drawComparison(here, { comparison: comparison(['x', 'y', 'z'], { runs: twins, code }) }, setting);
    const titles = [...here.querySelectorAll('h4')].map(title => title.textContent);
    expect(titles.slice(2)).toEqual(['Code of same bbbbbb', 'Code of same cccccc']);
    texts.push(here.textContent);
    expect([...here.querySelectorAll('pre')].map(diff => diff.textContent)).toEqual([
      '+b1\n',
      '+b2\n',
      '+c1\n',
      '+c2\n'
    ]);
  }
  expect(new Set(texts).size).toBe(1);
});

test('a parameter and a metric of one name are two axes, and a range of one is none of the other', () => {
  const twin = comparison(MANY, {
    params: [{ name: 'mae', values: [1, 2, 3, 4, 5, 6] }]
  });
  const here = drawn(twin);
  const [parameter, metric] = ['parameter mae', 'metric mae'].map(title =>
    here.querySelector<HTMLInputElement>(`[aria-label="${title} at most"]`)
  );
  expect(parameter && metric).toBeTruthy();
  expect(here.querySelectorAll('[aria-label="parameter mae at least"]')).toHaveLength(1);
  expect(here.querySelector('.jmlops-scatter svg')?.getAttribute('aria-label')).toBe(
    '6 runs, metric mae over parameter mae'
  );
  expect(here.querySelector('.jmlops-point title')?.textContent).toBe('a: parameter mae 1, metric mae 42');
  if (parameter) {
    parameter.value = '2';
    parameter.dispatchEvent(new Event('change', { bubbles: true }));
  }
  expect(rows(here)).toBe(2);
  expect(metric?.value).toBe('');
  for (const select of here.querySelectorAll('select')) {
    expect([...select.options].map(option => option.textContent)).toEqual(['parameter mae', 'metric mae']);
    expect(select.getAttribute('data-lm-suppress-shortcuts')).toBe('true');
  }
  for (let times = 0; times < 2; times += 1) {
    drawComparison(here, { comparison: twin }, setting);
    expect(here.querySelectorAll('.jmlops-brush')).toHaveLength(2);
    expect(here.querySelectorAll('option')).toHaveLength(4);
  }
});

test('what tells two axes of one name apart is said in the reader’s own language', () => {
  const twin = comparison(MANY, { params: [{ name: 'mae', values: [1, 2, 3, 4, 5, 6] }] });
  const words: Readonly<Record<string, string>> = {
    'parameter %1': 'Parameter %1',
    'metric %1': 'Metrik %1'
  };
  const german = {
    ...untranslated,
    __: (text: string, ...values: (string | number)[]) => untranslated.__(words[text] ?? text, ...values)
  };
  expect(axesOf(twin, german).map(axis => axis.title)).toEqual(['Parameter mae', 'Metrik mae']);
});

test('a press that the browser takes away draws no further', () => {
  class Pointer extends MouseEvent {
    readonly pointerId = 1;
  }
  Object.assign(globalThis, { PointerEvent: Pointer }); // jsdom has none
  const here = drawn(comparison(MANY));
  const brush = (): Element | null => here.querySelector('.jmlops-brush[data-axis=mae]');
  const point = (kind: string, clientY: number): void => {
    brush()?.dispatchEvent(new Pointer(kind, { clientY, bubbles: true, cancelable: true }));
  };
  Element.prototype.setPointerCapture = () => undefined;
  const ranges = (): number => here.querySelectorAll('.jmlops-range').length;
  point('pointerdown', 0);
  point('pointercancel', 0);
  point('pointermove', 150);
  expect(ranges()).toBe(0);
  point('pointerdown', 0);
  point('pointermove', 150);
  expect(ranges()).toBe(1);
});

test('values are written as Python writes them, and two that differ never look alike', () => {
  const params = [
    { name: 'on', values: [true, false] },
    { name: 'rate', values: [0.00012, 0.00014] },
    { name: 'near', values: [0.12345678, 0.12345679] },
    { name: 'none', values: [null, -1] }
  ];
  const here = drawn(comparison(['a', 'b'], { params }));
  const found = [...here.querySelectorAll('section:last-of-type tbody tr')].map(row =>
    [...row.children].map(cell => cell.textContent)
  );
  expect(found).toEqual([
    ['on', 'True', 'False'],
    ['rate', '0.00012', '0.00014'],
    ['near', '0.12345678', '0.12345679'],
    ['none', '–', '-1']
  ]);
  const many = drawn(comparison(MANY, { params: [{ name: 'on', values: MANY.map(name => name < 'c') }] }));
  expect([...many.querySelectorAll('tbody tr')].map(row => row.children[2]?.textContent)).toContain('True');
  expect(many.querySelector('.jmlops-scatter')?.textContent).toContain('True');
});
