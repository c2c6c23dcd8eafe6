import { chosenColumns, keyOf, runColumns } from '../../views/columns';
import { draw } from '../../views/draw';
import { drawRunsTable, varying, type TableCallbacks, type TableRecord } from '../../views/runstable';
import { table } from '../../views/table';
import { alignedNumbers, untranslated } from '../../views/words';
import type { RunCurve } from '../../wire';
import { NOW, run } from '../samples';

const setting = { trans: untranslated, now: () => NOW };
const other = run({
  id: `${'b'.repeat(22)}beef`,
  name: 'deeper',
  metrics: {},
  params: { alpha: 0, seed: 1 },
  tags: { team: 'risk' }
});

function drawn(record: Partial<TableRecord>, callbacks: Partial<TableCallbacks> = {}): HTMLElement {
  const here = document.body.appendChild(document.createElement('div'));
  drawRunsTable(here, { runs: [run(), other], total: 2, ...record }, { ...setting, ...callbacks });
  return here;
}

const button = (here: HTMLElement, name: string): HTMLButtonElement | undefined =>
  [...here.querySelectorAll('button')].find(
    found => found.textContent === name || found.getAttribute('aria-label') === name
  );

test('a missing value is kept apart from zero', () => {
  const cells = [...drawn({}).querySelectorAll('tbody tr')].map(line => line.lastElementChild?.textContent);
  expect(cells).toEqual(['41.2', '–']);
});

test('columns that are the same in all rows fold into one line above, and come back by name', () => {
  const all = runColumns([run(), other], setting);
  const usual = chosenColumns(all, [run(), other], null);
  expect(usual.same).toEqual([
    ['experiment', 'air/pm25'],
    ['grade', 'clean, saved']
  ]);
  expect(usual.shown.map(column => column.name)).toEqual([
    'run',
    'started',
    'took',
    'params.alpha',
    'params.seed',
    'metrics.mae'
  ]);
  const named = chosenColumns(all, [run(), other], new Set(['grade', 'tags.team']));
  expect(named.shown.map(column => column.name)).toEqual(['run', 'grade', 'tags.team']);
  expect(drawn({}).textContent).toContain('the same in all: experiment air/pm25 · grade clean');
});

test('what lists leave out is called so in its row', () => {
  const runs = [
    run(),
    run({ id: 'b'.repeat(26), archived: true }),
    run({ id: 'c'.repeat(26), archived: true, deleted: '2026-01-05T08:00:00Z' })
  ];
  const said = [...drawn({ runs, total: 3 }).querySelectorAll('tbody tr')].map(
    line => /archived|deleted/.exec(line.textContent)?.[0] ?? ''
  );
  expect(said).toEqual(['', 'archived', 'deleted']);
});

const curve = (of: string, key = 'loss', values: readonly (number | 'nan')[] = [3, 1 / 3, 1]): RunCurve => ({
  run: of,
  key,
  count: 1200,
  steps: values.map((_, place) => place * 10),
  values
});
const curvesOf = (...curves: readonly RunCurve[]) => new Map(curves.map(each => [each.run, each]));
const heads = (here: HTMLElement): readonly (string | null)[] =>
  [...here.querySelectorAll('thead th')].map(head => head.textContent);

test('the last column draws how each run went, and says it in words and whole numbers', () => {
  const here = drawn({ curves: curvesOf(curve(run().id)) });
  expect(heads(here).at(-1)).toBe('curve: loss');
  const cells = [...here.querySelectorAll('tbody tr')].map(line => line.lastElementChild);
  const said = 'loss over 1200 points: from 3 to 1, between 0.3333333333333333 and 3';
  expect(cells[0]?.querySelector('svg')?.getAttribute('aria-label')).toBe(said);
  expect(cells[0]?.querySelector('span')?.getAttribute('title')).toBe(said);
  expect(cells[0]?.querySelector('path')?.getAttribute('d')).toMatch(/^M3\.0 3\.0L44\.0 15\.0L85\.0 /);
  expect(cells[1]?.textContent).toBe('–');
  expect(heads(drawn({})).join()).not.toContain('curve');
});

test('curves of several metrics are named beside each, and each can be put away like a column', () => {
  const curves = curvesOf(curve(run().id), curve(other.id, 'reward'));
  const here = drawn({ curves });
  expect(heads(here).at(-1)).toBe('curve');
  expect([...here.querySelectorAll('.jmlops-curve .jmlops-name')].map(name => name.textContent)).toEqual([
    'loss',
    'reward'
  ]);
  expect(heads(drawn({ curves, columns: new Set(['grade']) }))).toEqual(['run', 'grade']);
});

test('a curve breaks where it is no number, stands in its order without steps, and may have nothing to draw', () => {
  const path = (found: RunCurve): string | null | undefined =>
    drawn({ curves: curvesOf(found) })
      .querySelector('.jmlops-spark path')
      ?.getAttribute('d');
  expect(path(curve(run().id, 'loss', [4, 3, 'nan', 2, 1]))?.match(/M/g)).toHaveLength(2);
  expect(path({ ...curve(run().id), steps: [0, 0, 0] })).toMatch(/^M3\.0 .*L44\.0 .*L85\.0 /);
  expect(path(curve(run().id, 'loss', ['nan', 'nan']))).toBe('');
});

test('a run that is drawn elsewhere in the view has its colour in the table as well', () => {
  const curves = curvesOf(curve(run().id), curve(other.id));
  const here = drawn({ curves, colours: new Map([[other.id, 1]]) });
  const lines = [...here.querySelectorAll('.jmlops-spark path')].map(line => line.getAttribute('class'));
  expect(lines).toEqual(['jmlops-line', 'jmlops-line jmlops-series-1']);
});

test('one run alone folds nothing away', () => {
  expect(chosenColumns(runColumns([run()], setting), [run()], null).same).toEqual([]);
});

test('a column’s head orders by it, by the name a query knows it by, then the other way, then not', () => {
  const asked: string[] = [];
  const order = (text: string): void => {
    asked.push(text);
  };
  for (const now of ['', 'metrics.mae desc', 'metrics.mae']) {
    button(drawn({ order: now }, { order }), ['mae', 'mae ↓', 'mae ↑'][asked.length] ?? '')?.click();
  }
  expect(asked).toEqual(['metrics.mae desc', 'metrics.mae', '']);
  const sorted = drawn({ order: 'name desc' }, { order }).querySelector('[aria-sort]');
  expect([sorted?.getAttribute('aria-sort'), sorted?.textContent]).toEqual(['descending', 'run ↓']);
  expect(keyOf('metrics', 'mean "x" error')).toBe('metrics."mean \\"x\\" error"');
});

test('where there are more runs than one page, it says which these are and turns both ways', () => {
  const turned: boolean[] = [];
  const turn = (forward: boolean): void => {
    turned.push(forward);
  };
  const here = drawn({ total: 10412, before: 100, more: true }, { turn });
  expect(here.textContent).toContain('101–102 of 10,412 runs');
  button(here, 'Next page')?.click();
  button(here, 'Page before')?.click();
  expect(turned).toEqual([true, false]);
  expect(button(drawn({ total: 3, more: true }, { turn }), 'Page before')?.disabled).toBe(true);
  expect(button(drawn({}, { turn }), 'Next page')).toBeUndefined();
});

test('chosen runs are compared, tagged and archived; all of a page at once', () => {
  const chosen: (readonly string[])[] = [];
  let compared = 0;
  const here = drawn(
    { chosen: new Set([run().id, other.id]) },
    {
      choose: (runs, on) => on && chosen.push(runs),
      compare: () => (compared += 1),
      tag: () => undefined,
      archive: () => undefined
    }
  );
  button(here, 'Compare 2')?.click();
  expect(compared).toBe(1);
  expect(here.querySelector('.jmlops-chosen')?.textContent).toContain('Archive');
  const bare = drawn({}, { choose: runs => chosen.push(runs) });
  bare.querySelector<HTMLInputElement>('thead input')?.click();
  expect(chosen).toEqual([[run().id, other.id]]);
});

test('columns are chosen one by one, and the usual ones come back', () => {
  const named: (readonly string[] | null)[] = [];
  const here = drawn({}, { name: columns => named.push(columns && [...columns]) });
  const box = [...here.querySelectorAll('.jmlops-choices label')].find(label =>
    label.textContent?.includes('tags.team')
  );
  box?.querySelector('input')?.click();
  expect(named[0]).toContain('tags.team');
  expect(named[0]).toContain('metrics.mae');
  button(here, 'The usual ones')?.click();
  expect(named[1]).toBeNull();
});

test('the points of a column stand under each other, and what is no number has none', () => {
  expect(alignedNumbers([0.9, 0.912, null, -12, 'nan'])).toEqual(['0.900', '0.912', '–', '−12.000', 'NaN']);
  expect(alignedNumbers([1, 20000])).toEqual(['1', '20,000']);
  expect(alignedNumbers([1e-9, 1])).toEqual(['1.00e−09', '1']);
});

test('runs that differ in their seeds only are one line, with the mean and how far they lie apart', () => {
  const spread = { count: 3, mean: 41.2034, deviation: 0.6, minimum: 40.5, maximum: 41.9 };
  const alone = { count: 1, mean: 39, deviation: null, minimum: 39, maximum: 39 };
  const groups = [
    {
      experiment: 'air',
      name: 'baseline',
      params: { alpha: 0.3, depth: 8 },
      runs: ['a', 'b', 'c'],
      metrics: { mae: spread },
      trust: null
    },
    {
      experiment: 'air',
      name: 'deeper',
      params: { alpha: 0.1, depth: 8 },
      runs: ['d'],
      metrics: { mae: alone },
      trust: null
    }
  ];
  const chosen: (readonly string[])[] = [];
  const asked: (string | null)[] = [];
  const here = drawn(
    {
      grouped: { over: '', groups },
      wantedOver: '',
      total: 4,
      runs: [run({ params: { seed: 1, alpha: 1 } }), run({ params: { seed: 2, alpha: 2 } })]
    },
    { choose: runs => chosen.push(runs), group: over => asked.push(over) }
  );
  const lines = [...here.querySelectorAll('tbody tr')].map(line => line.textContent);
  expect(lines).toEqual(['baseline30.341.2 ± 0.6', 'deeper10.139']);
  expect(here.textContent).toContain(
    '2 groups of 4 runs, equal in all but their seeds; mean ± standard deviation'
  );
  here.querySelector<HTMLInputElement>('tbody input')?.click();
  expect(chosen).toEqual([['a', 'b', 'c']]);
  const field = here.querySelector('select');
  const options = [...(field?.options ?? [])];
  expect(options.map(({ text }) => text)).toEqual([
    'a line for each run',
    'over seeds',
    'over alpha',
    'over seed'
  ]);
  expect(field?.selectedOptions[0]?.text).toBe('over seeds');
  for (const { value } of options.slice(0, 3)) {
    if (field) {
      field.value = value;
    }
    field?.dispatchEvent(new Event('change'));
  }
  expect(asked).toEqual([null, '', 'alpha']);
});

test('who turns the pages by key goes on turning: the button keeps the focus while the page is awaited', () => {
  const turned: boolean[] = [];
  const callbacks = { turn: (forward: boolean) => turned.push(forward) };
  const record = { runs: [run(), other], total: 9, before: 2, more: true };
  const here = drawn(record, callbacks);
  const next = button(here, 'Next page');
  next?.focus();
  next?.click();
  drawRunsTable(here, { ...record, busy: true }, { ...setting, ...callbacks });
  expect(document.activeElement).toBe(next);
  expect(button(here, 'Page before')?.disabled).toBe(true);
  next?.click();
  expect(turned).toEqual([true]);
  drawRunsTable(here, record, { ...setting, ...callbacks });
  expect([document.activeElement, next?.hasAttribute('aria-disabled')]).toEqual([next, false]);
});

/** What stands in the column of a head, row by row. */
const under = (here: HTMLElement, head: string): readonly (string | null)[] => {
  const place = heads(here).indexOf(head);
  return [...here.querySelectorAll('tbody tr')].map(row => row.children[place]?.textContent ?? null);
};
const withParams = (...all: (typeof other)['params'][]) =>
  all.map((params, place) => run({ id: String(place).padStart(26, '0'), params }));

test('parameters keep their digits in a column, and what is no number is written as Python writes it', () => {
  const runs = withParams(
    { alpha: 0.00012, deep: true, bins: null },
    { alpha: 0.00014, deep: false, bins: 10 },
    { alpha: 0.00015, deep: true }
  );
  const here = drawn({ runs, total: 3 });
  expect(under(here, 'alpha')).toEqual(['0.00012', '0.00014', '0.00015']);
  expect(under(here, 'deep')).toEqual(['True', 'False', 'True']);
  expect(under(here, 'bins')).toEqual(['None', '10', '–']);
});

test('values that differ far behind are no column of the same', () => {
  const long = (end: string) => `${'x'.repeat(100)}${end}`;
  const runs = withParams({ text: long('a'), rate: 0.12345678 }, { text: long('b'), rate: 0.12345679 });
  const here = drawn({ runs, total: 2 });
  expect(under(here, 'text')).toEqual([long('a'), long('b')]);
  expect(under(here, 'rate')).toEqual(['0.12345678', '0.12345679']);
});

test('groups write their parameters as runs do', () => {
  const spread = { count: 1, mean: 39, deviation: null, minimum: 39, maximum: 39 };
  const groups = withParams({ on: true, rate: 0.00012 }, { on: null, rate: 0.00014 }).map(
    ({ id, params }) => ({
      experiment: 'air',
      name: id,
      params,
      runs: [id],
      metrics: { mae: spread },
      trust: null
    })
  );
  const here = drawn({ grouped: { over: '', groups }, wantedOver: '', total: 2 });
  expect([under(here, 'on'), under(here, 'rate')]).toEqual([
    ['True', 'None'],
    ['0.00012', '0.00014']
  ]);
});

test('a tall table has the keys that scroll it for itself; one that is not tall does not take the focus', () => {
  const box = (tall: boolean): Element | null => {
    const here = document.createElement('div');
    const columns = [{ name: 'n', title: 'n', cell: (row: string) => row }];
    draw(here, table(columns, ['a'], { caption: 'c', keyOf: row => row, tall }));
    return here.firstElementChild;
  };
  const attributes = (tall: boolean) =>
    ['tabindex', 'data-lm-suppress-shortcuts'].map(name => box(tall)?.getAttribute(name));
  expect(attributes(true)).toEqual(['0', 'true']);
  expect(attributes(false)).toEqual([null, null]);
});

test('until groups are answered those that were stay under what they were asked for', () => {
  const spread = { count: 1, mean: 39, deviation: null, minimum: 39, maximum: 39 };
  const [one] = withParams({ alpha: 1 });
  const groups = [
    {
      experiment: 'air',
      name: 'one',
      params: {},
      runs: [one?.id ?? ''],
      metrics: { mae: spread },
      trust: null
    }
  ];
  const callbacks = { group: () => undefined };
  const here = drawn({ grouped: { over: '', groups }, wantedOver: 'alpha' }, callbacks);
  expect(here.textContent).toContain('1 group of 1 run, equal in all but their seeds');
  expect(here.querySelector('select')?.selectedOptions[0]?.text).toBe('over alpha');
  const none = drawn({ grouped: null, wantedOver: 'alpha' }, callbacks);
  expect(none.textContent).toContain('Grouping…');
  expect(none.textContent).not.toContain('0 groups');
  expect(none.querySelector('select')?.selectedOptions[0]?.text).toBe('over alpha');
  const failure = { code: 'error', message: 'the store is away', remedy: '', data: {} };
  expect(drawn({ grouped: null, wantedOver: 'alpha', failure }, callbacks).textContent).not.toContain(
    'Grouping…'
  );
});

test('runs are not said to differ in what is the same in all, also where it has parts', () => {
  const layers = (...sizes: readonly number[]) => ({ layers: sizes as never, alpha: sizes[0] ?? 0 });
  expect(varying(withParams(layers(3, 4), layers(3, 4)), '')).toEqual([]);
  expect(varying(withParams(layers(3, 4), layers(2, 4)), '')).toEqual(['alpha', 'layers']);
  expect(varying(withParams({ alpha: 1 }, {}), 'depth')).toEqual(['depth', 'alpha']);
});

test('what is ordered and filtered by has a column in any case, behind those that say most', () => {
  const names = ['a_seconds', 'b', 'c', 'd', 'e', 'f', 'g', 'train_a'];
  const metrics = Object.fromEntries(names.map(name => [name, 1]));
  const params = Object.fromEntries(Array.from({ length: 12 }, (_, place) => [`p${place}`, place]));
  const shown = (asked: readonly string[]): readonly string[] =>
    runColumns([run({ metrics, params })], setting, { asked })
      .filter(({ usual }) => usual)
      .map(({ name }) => name);
  expect(shown([]).filter(name => name.startsWith('metrics.'))).toEqual(
    ['b', 'c', 'd', 'e', 'f', 'g'].map(name => `metrics.${name}`)
  );
  expect(shown([])).not.toContain('params.p11');
  expect(shown(['metrics.a_seconds', 'params.p11'])).toEqual(
    expect.arrayContaining(['metrics.a_seconds', 'params.p11'])
  );
});
