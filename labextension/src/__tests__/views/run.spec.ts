import { drawRun, type RunCallbacks, type RunRecord } from '../../views/run';
import { untranslated } from '../../views/words';
import type { Artifact, MetricRow, Relative, RunInput } from '../../wire';
import { beside, NOW, run } from '../samples';

const setting = { trans: untranslated, now: () => NOW };
const place = (): HTMLElement => document.body.appendChild(document.createElement('div'));

const BEFORE = '01k9a000000000000000b4f0re';

function shown(record: Partial<RunRecord>, callbacks: Partial<RunCallbacks> = {}): HTMLElement {
  const here = place();
  drawRun(here, { run: run(), ...record }, { ...setting, ...callbacks });
  return here;
}

function metric(name: string, before: number | null, now: number, more: Partial<MetricRow> = {}): MetricRow {
  const difference = before === null ? null : now - before;
  return { name, values: [before, now], direction: null, best: null, difference, ...more };
}

const file = (name: string, size = 10): Artifact => ({
  run: run().id,
  name,
  digest: 'd'.repeat(64),
  size,
  media_type: 'text/plain'
});

const input = (name: string, more: Partial<RunInput> = {}): RunInput => ({
  name,
  role: 'train',
  digest: '34da91'.padEnd(64, '0'),
  rows: null,
  columns: {},
  width: null,
  kind: 'frame',
  size: null,
  sampled: false,
  note: '',
  ...more
});

const lines = (here: HTMLElement): readonly string[] =>
  [...here.querySelectorAll('.jmlops-fold > summary, p.jmlops-fold')].map(line => line.textContent);

const press = (here: HTMLElement, word: string): void => {
  [...here.querySelectorAll<HTMLElement>('button, summary')]
    .find(button => (button.getAttribute('aria-label') ?? button.textContent) === word)
    ?.click();
};

afterEach(() => {
  document.body.replaceChildren();
});

test('a run that failed quotes the line that raised, in the cell as a reader knows it, and leads there', () => {
  const error = {
    kind: 'MemoryError',
    message: 'first\nno room for <b>',
    traceback: 'T',
    cell: 'c7',
    line: 3,
    code: 'fit(X, "<i>")'
  };
  const opened: (string | null)[] = [];
  const record = { run: run({ status: 'failed', error }), beside: beside({ failed: 7 }) };
  const here = shown(record, { openNotebook: cell => opened.push(cell) });
  expect(here.querySelector('.jmlops-failure')?.textContent).toContain('MemoryError: no room for <b>');
  expect(here.textContent).toContain('line 3 of In [7]: fit(X, "<i>")');
  expect(here.querySelector('b, i')).toBeNull();
  press(here, 'Open at In [7]');
  press(here, 'train.ipynb');
  expect(opened).toEqual(['c7', null]);
  expect(shown({ run: record.run }).textContent).toContain('line 3 of the cell: fit(X');
  expect(shown({ run: run({ status: 'lost' }) }).textContent).toContain('Its process is gone;');
  const lease = {
    host: 'box/pid:[1]',
    pid: 41,
    process_started: 1,
    until: '2026-01-05T08:00:00Z',
    kernel: null
  };
  expect(shown({ run: run({ status: 'lost', lease }) }).textContent).toContain('gone (process 41 on box);');
  expect(
    shown({ run: run({ status: 'lost', lease: { ...lease, kernel: '0a1b2c3d-4e5f' } }) }).textContent
  ).toContain('gone (kernel 0a1b2c3d, process 41 on box);');
});

test('the heading has the sign of the status, and the line below it the word alone', () => {
  for (const [status, word] of [
    ['finished', 'finished'],
    ['failed', 'failed']
  ] as const) {
    const here = shown({ run: run({ status }) });
    expect(here.querySelector('header [role=img]')?.getAttribute('aria-label')).toContain(word);
    const line = here.querySelector('.jmlops-badges')?.firstElementChild;
    expect([line?.textContent, line?.childElementCount]).toEqual([word, 0]);
  }
});

test('a grade other than clean brings the sentence that explains it', () => {
  const here = shown({ run: run({ grade: 'stale', grade_reason: 'cell 4 was run again' }) });
  expect(here.textContent).toContain('cell 4 was run again');
});

test('each metric says how it differs from the run before, with a sign and a word by its own direction', () => {
  const metrics = { odd: 3, mae: 41.2, r2: 0.8, same: 1, near: 5.00001, fresh: 7 };
  const rows = [
    metric('mae', 42, 41.2, { direction: 'lower', best: 1 }),
    metric('r2', 0.9, 0.8, { direction: 'higher', best: 0 }),
    metric('odd', 1, 3),
    metric('same', 1, 1),
    metric('near', 5, 5.00001),
    metric('fresh', null, 7)
  ];
  const went: string[] = [];
  const here = shown(
    { run: run({ metrics }), beside: beside({ before: BEFORE, metrics: rows }) },
    { openRun: id => went.push(id) }
  );
  expect([...here.querySelectorAll('.jmlops-metrics > div')].map(({ textContent }) => textContent)).toEqual([
    'mae ↓41.2−0.8 ▲ better',
    'r2 ↑0.8−0.1 ▼ worse',
    'odd3+2',
    'same1same',
    'near5about the same',
    'fresh7'
  ]);
  expect(here.querySelector('.jmlops-differs .jmlops-good')?.textContent).toBe('▲ better');
  expect(here.querySelector('.jmlops-differs .jmlops-bad')?.textContent).toBe('▼ worse');
  expect(here.textContent).toContain('compared with the run before, b4f0re');
  press(here, 'the run before, b4f0re');
  expect(went).toEqual([BEFORE]);

  const nothing = beside({ before: BEFORE, metrics: [metric('mae', null, 41.2)] });
  expect(shown({ beside: nothing }).textContent).not.toContain('compared with');
});

test('what it rests on and left behind is told in the words of the still card', () => {
  const { source } = run();
  const here = shown({
    run: run({
      inputs: [
        input('air.csv', { size: 2_500_000 }),
        input('X', { rows: 29220, columns: { a: '', b: '' } }),
        input('images', { rows: 1200, width: 784 }),
        input('huge.csv', { digest: '', size: 9e9, note: 'too large' }),
        input('gone.csv', { digest: '' })
      ],
      written: [input('out.csv', { role: 'write', size: 10 })],
      params: { alpha: 0.3, deep: true, none: null, model: 'Ridge', model_class: 'a.b.Ridge' },
      source: {
        ...source,
        outside: ['file out.csv'],
        seeds: ['seed(0)', 'seed(0)'],
        variables: { CUDA: '0' }
      },
      notes: ['one', 'one'],
      system: { memory_percent: 3, cpu_percent: 88 }
    }),
    artifacts: [
      file('figures/a.png'),
      file('figures/b.png'),
      file('outputs/output-1.html'),
      file('evaluation/train.json'),
      file('evaluation/train_roc_curve.svg'),
      file('report.csv', 2000),
      file('source/uncommitted.patch', 1200),
      file('models/model/model.skops'),
      file('models/odd/model.skops')
    ],
    beside: beside({
      counts: [2, 5, 7],
      steps: 1200,
      models: [{ name: 'model', format: 'skops', kind: 'sklearn.Ridge', size: 1_200_000, columns: 14 }]
    })
  });
  expect(lines(here)).toEqual([
    'steps 1,200',
    'params alpha 0.3 · deep True · none None · model Ridge',
    'inputs air.csv 2.5 MB sha 34da91 · X 29,220 × 2 sha 34da91 · images 1,200 × 784 sha 34da91 · huge.csv 9.0 GB (too large) · gone.csv not digested',
    'rests on In [2], [5], [7] (3 of 11 executions)',
    'outputs 2 figures · 1 output · 2 evaluation files · report.csv 2.0 kB · models/odd/model.skops 10 B',
    'uncommitted changes source/uncommitted.patch 1.2 kB',
    'files written out.csv 10 B sha 34da91',
    'model skops 1.2 MB, 14 columns',
    'outside the cells file out.csv',
    'seeds seed(0) · seed(0)',
    'variables CUDA=0',
    'notebook train.ipynb',
    'System, last sample '
  ]);
  expect(here.textContent).toContain('Note: one');
  expect(here.textContent).toContain('cpu percent 88 · memory percent 3');
  const [model] = [...here.querySelectorAll('.jmlops-fold')].filter(fold => /^model /.test(fold.textContent));
  expect(model?.textContent).toContain('models/model/model.skops');
});

test.each([
  ['unknown', [2, null, 7], '3 cells of 11 executions'],
  ['missing', [2], '3 cells of 11 executions'],
  ['not told', [], '3 cells of 11 executions']
])('where a number is %s the cells are counted', (_, counts, said) => {
  expect(lines(shown({ beside: beside({ counts }) }))).toContain(`rests on ${said}`);
});

test('of many cells the first are named, and all of them inside', () => {
  const counts = Array.from({ length: 20 }, (_, n) => n + 1);
  const source = { ...run().source, rests_on: counts, executed: 30 };
  const here = shown({ run: run({ source }), beside: beside({ counts }) });
  expect(lines(here).find(line => line.startsWith('rests on'))).toMatch(
    /\[12\] and 8 more \(20 of 30 executions\)$/
  );
  expect(here.textContent).toContain('[19], [20]');
});

test('two models are told apart by their names, and each is registered by its own', () => {
  const model = { format: 'skops', kind: 'k', size: 1000, columns: 0 };
  const registered: string[][] = [];
  const here = shown(
    {
      beside: beside({
        models: [
          { ...model, name: 'a' },
          { ...model, name: 'b' }
        ]
      }),
      artifacts: [file('models/a/manifest.json'), file('models/b/manifest.json')]
    },
    { register: (name, artifact) => registered.push([name, artifact]) }
  );
  expect(lines(here)).toContain('model a: skops 1.0 kB · b: skops 1.0 kB');
  const [, form] = here.querySelectorAll('form');
  form?.dispatchEvent(new Event('submit', { cancelable: true }));
  expect(registered).toEqual([['b', 'b']]);
});

test('it is compared with the run before in one press, and with another that is chosen', () => {
  const compared: string[] = [];
  const others = [run(), run({ id: BEFORE }), run({ id: 'c'.repeat(26), name: 'deeper' })];
  const here = shown(
    { others, beside: beside({ before: BEFORE, metrics: [metric('mae', 42, 41.2)] }) },
    { compare: other => compared.push(other) }
  );
  press(here, 'Compare');
  const field = here.querySelector('select');
  expect([...(field?.options ?? [])].map(option => option.textContent)).toEqual([
    'baseline · b4f0re · mae 41.2',
    'deeper · cccccc · mae 41.2'
  ]);
  expect(field?.value).toBe(BEFORE);
  if (field) {
    field.value = 'c'.repeat(26);
  }
  field?.closest('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
  expect(compared).toEqual([BEFORE, 'c'.repeat(26)]);
  expect(shown({ others, beside: beside() }, {}).querySelector('.jmlops-heading-actions')).toBeNull();
});

test('what has opened over the card shuts by Escape and when the reader goes elsewhere, not within', () => {
  const here = shown({}, { rename: () => undefined, archive: () => undefined });
  const more = here.querySelector<HTMLDetailsElement>('.jmlops-heading-actions > details');
  const inside = more?.querySelector('input');
  const leave = (to: Element | null | undefined): void => {
    inside?.dispatchEvent(new FocusEvent('focusout', { bubbles: true, relatedTarget: to ?? null }));
  };
  more?.setAttribute('open', '');
  leave(more?.querySelector('button'));
  leave(null);
  expect(more?.open).toBe(true);
  leave(here.querySelector('.jmlops-id'));
  expect(more?.open).toBe(false);
  more?.setAttribute('open', '');
  inside?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  expect(more?.open).toBe(false);
  expect(document.activeElement?.getAttribute('aria-label')).toBe('More');
});

test('drawn again, a card says each thing once, also where two inputs have one name', () => {
  const record = {
    run: run({ inputs: [input('y'), input('y', { digest: '' })], notes: ['one', 'one'] }),
    beside: beside({ before: BEFORE, metrics: [metric('mae', 42, 41.2)] })
  };
  const here = shown(record);
  const before = here.textContent;
  for (let times = 0; times < 3; times += 1) {
    drawRun(here, record, setting);
  }
  expect(here.textContent).toBe(before);
});

test('a deleted run says how it comes back', () => {
  const deleted = shown({ run: run({ deleted: '2026-01-05T08:00:00Z' }) });
  expect(deleted.textContent).toContain('jupyter mlops restore 0a3f91 brings it back');
  expect(deleted.querySelector('header')?.textContent).toContain(' · deleted');
});

test('thirty metrics, two hundred parameters and six curves stay a card', () => {
  const here = place();
  const numbers = (count: number): Record<string, number> =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`n${n}`, n / 7]));
  const curves = [0, 1, 2, 3, 4, 5].map(n => ({
    name: `c${n}`,
    points: [0, 1].map(step => ({ step, value: step * n }))
  }));
  drawRun(here, { run: run({ metrics: numbers(30), params: numbers(200) }), curves }, setting);
  expect(here.querySelectorAll('.jmlops-metrics dd')).toHaveLength(8);
  const folds = [...here.querySelectorAll('summary')].map(line => line.textContent);
  expect(folds).toEqual(
    expect.arrayContaining(['metrics 22 more', 'curves c4 · c5', expect.stringContaining('(+194)')])
  );
  expect(here.querySelectorAll('.jmlops-fold[open]')).toHaveLength(0);
  expect(here.textContent).toContain('n1 0.142857');
});

test('a note is what was typed, and an empty one is none', () => {
  const said: string[] = [];
  const here = shown({}, { note: text => said.push(text) });
  const form = here.querySelector('form');
  const field = form?.querySelector('input');
  expect(field?.getAttribute('aria-label')).toContain('Note for whoever reads');
  for (const text of ['  ', ' the sensor was dirty ']) {
    if (field) {
      field.value = text;
    }
    form?.dispatchEvent(new Event('submit', { cancelable: true }));
  }
  expect(said).toEqual(['the sensor was dirty']);
});

test('files that are not listed are counted', () => {
  const figure = [file('figures/a.png')];
  const said = (has_files: number) => lines(shown({ artifacts: figure, beside: beside({ has_files }) }));
  expect(said(3)).toContain('outputs 1 figure and 2 files more');
  expect(said(1)).toContain('outputs 1 figure');
});

test('what it is part of and what is part of it are named, and opened by a press', () => {
  const opened: string[] = [];
  const relative = (name: string, place: number): Relative => ({
    run: `${String(place).repeat(20)}abcdef`,
    name,
    status: place === 1 ? 'failed' : 'finished',
    metric: place === 1 ? '' : 'mae',
    value: place === 1 ? null : 41.25,
    trust: null
  });
  const kin = beside({
    parent: relative('the <b>search</b>', 0),
    children: [1, 2, 3, 4, 5, 6, 7].map(place => relative(`trial ${place}`, place)),
    has_children: 12
  });
  const here = shown({ beside: kin }, { openRun: id => opened.push(id) });
  const lines = [...here.querySelectorAll('.jmlops-fold')].map(line => line.textContent);
  expect(lines).toContain('part of the <b>search</b> (abcdef) mae 41.25');
  const runs = lines.find(line => line.startsWith('its runs')) ?? '';
  expect(runs).toContain('trial 1 (abcdef) ✕ failed · trial 2 (abcdef) mae 41.25');
  expect(runs).toContain('trial 6');
  expect(runs).not.toContain('trial 7');
  expect(runs).toContain('(+6)');
  for (const button of here.querySelectorAll<HTMLButtonElement>('.jmlops-fold button')) {
    button.click();
  }
  expect(opened).toHaveLength(7);
  expect(shown({ beside: kin }, {}).querySelector('.jmlops-fold button')).toBeNull();
});

test('parameters are written as Python writes them', () => {
  const params = { on: true, none: null, tiny: 0.00012, low: -0.5, many: 10000, far: 'inf' } as const;
  expect(lines(shown({ run: run({ params }) }))).toContain(
    'params on True · none None · tiny 0.00012 · low -0.5 · many 10000 · far ∞'
  );
});

test('what no commit held is looked at as any file is, and is no output', () => {
  const look = () => new Promise<never>(() => undefined);
  const here = shown({ artifacts: [file('source/uncommitted.patch')] }, { look });
  expect(lines(here).filter(line => line.startsWith('outputs'))).toEqual([]);
  expect(here.querySelector('[aria-label="Look at source/uncommitted.patch"]')).not.toBeNull();
});
