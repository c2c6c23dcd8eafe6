import { ComparisonModel } from '../../models/comparison';
import { TableModel } from '../../models/table';
import { Watch } from '../../models/watch';
import { run } from '../samples';
import type { Artifact } from '../../wire';
import { StubServer, type Answers } from './client';

const watched = (answers: Answers): { stub: StubServer; watch: Watch } => {
  const stub = new StubServer({ 'workspace.show': () => ({}), 'ledger.history': () => [], ...answers });
  return { stub, watch: new Watch(stub) };
};

interface Asked {
  readonly cursor: string | null;
  readonly order: string;
}

const pages: Answers = {
  'run.find': (asked: Asked) => {
    const number = Number(asked.cursor ?? 0);
    const items = [run({ id: String(number).padStart(26, 'a') })];
    return { items, total: 3, cursor: number < 2 ? String(number + 1) : null };
  }
};
const cursors = (stub: StubServer): readonly unknown[] =>
  stub.asked.filter(([name]) => name === 'run.find').map(([, asked]) => (asked as Asked).cursor);

test('pages are turned over both ways, and an order begins at the first', async () => {
  const { stub, watch } = watched(pages);
  const model = new TableModel(stub, watch, 'work.ipynb');
  await model.refresh();
  await model.turnOver(true);
  await model.turnOver(true);
  expect([model.before, model.more, model.total]).toEqual([2, false, 3]);
  await model.turnOver(false);
  expect([model.before, model.more]).toEqual([1, true]);
  await model.orderBy('name');
  expect([model.before, cursors(stub)]).toEqual([0, [null, '1', '2', '1', null]]);
  expect(stub.asked.at(-1)?.[2]).toBe('work.ipynb');
});

test('runs stay chosen while pages are turned, and are changed all together', async () => {
  const archived: unknown[] = [];
  const { stub, watch } = watched({
    ...pages,
    'run.archive': asked => {
      archived.push(asked);
      return run();
    }
  });
  const model = new TableModel(stub, watch, '');
  await model.refresh();
  model.choose([model.runs?.[0]?.id ?? ''], true);
  await model.turnOver(true);
  model.choose([model.runs?.[0]?.id ?? ''], true);
  expect(model.chosenIds).toHaveLength(2);
  await model.archiveChosen();
  expect(archived).toHaveLength(2);
  expect(model.chosenIds).toHaveLength(0);
});

test('where a page could not be read the place is that of the rows, and pressed again it asks for the same', async () => {
  const { stub, watch } = watched({ ...pages });
  const model = new TableModel(stub, watch, '');
  await model.refresh();
  await model.turnOver(true);
  delete stub.answers['run.find'];
  await model.turnOver(true);
  expect([model.before, model.more, model.busy]).toEqual([1, true, false]);
  expect(model.failure).not.toBeNull();
  await model.turnOver(true);
  await model.turnOver(false);
  expect([model.before, cursors(stub)]).toEqual([1, [null, '1', '2', '2', null]]);
  stub.answers['run.find'] = pages['run.find'];
  await model.turnOver(true);
  expect([model.before, model.more, model.failure]).toEqual([2, false, null]);
});

test('a question that could not be answered leaves the count with the rows it counts', async () => {
  const { stub, watch } = watched({ ...pages });
  const model = new TableModel(stub, watch, '');
  await model.refresh();
  await model.turnOver(true);
  delete stub.answers['run.find'];
  await model.search('mae <<', false);
  expect([model.before, model.runs?.[0]?.id]).toEqual([1, '1'.padStart(26, 'a')]);
  stub.answers['run.find'] = pages['run.find'];
  await model.search('mae < 4', false);
  expect([model.before, cursors(stub)]).toEqual([0, [null, '1', null, null]]);
});

test('a page that is being turned to is read again, not left, by what happens meanwhile', async () => {
  const { stub, watch } = watched(pages);
  const model = new TableModel(stub, watch, '');
  await model.refresh();
  await Promise.all([model.turnOver(true), model.refresh()]);
  expect([model.before, cursors(stub)]).toEqual([1, [null, '1', '1']]);
});

test('where there is no next page nothing is asked', async () => {
  const { stub, watch } = watched({ 'run.find': () => ({ items: [run()], total: 1, cursor: null }) });
  const model = new TableModel(stub, watch, '');
  await model.refresh();
  await model.turnOver(true);
  expect([model.before, cursors(stub)]).toEqual([0, [null]]);
});

test('what is chosen while others are put away stays chosen', async () => {
  let done = (): void => undefined;
  const { stub, watch } = watched({
    ...pages,
    'run.archive': () =>
      new Promise(
        resolve =>
          (done = () => {
            resolve(run());
          })
      )
  });
  const model = new TableModel(stub, watch, '');
  await model.refresh();
  model.choose(['first'], true);
  const archiving = model.archiveChosen();
  model.choose(['second'], true);
  done();
  await archiving;
  expect([...model.chosen]).toEqual(['second']);
});

test('what is refused is said and changes nothing', async () => {
  const { stub, watch } = watched(pages);
  const model = new TableModel(stub, watch, '');
  await model.refresh();
  model.choose(['x'], true);
  await model.tagChosen({ a: 'b' });
  expect(model.refusal?.message).toBe('no run.tag');
  expect(model.runs).toHaveLength(1);
});

test('a comparison asks for the curves the runs have in common, as many points as it draws', async () => {
  const row = { direction: 'lower', best: 0, difference: -1 } as const;
  const { stub, watch } = watched({
    'run.compare': () => ({
      runs: [run(), run({ id: 'b'.repeat(26) })],
      metrics: [
        { ...row, name: 'loss', values: [1, 2] },
        { ...row, name: 'only', values: [1, null] }
      ],
      code: [],
      figures: []
    }),
    'run.curves': () => [
      { run: run().id, key: 'loss' },
      { run: run().id, key: 'only' },
      { run: 'b'.repeat(26), key: 'loss' }
    ],
    'metric.history': () => [
      { step: 0, value: 1, sequence: 1 },
      { step: 1, value: 2, sequence: 2 }
    ]
  });
  const model = new ComparisonModel(stub, watch, ['a', 'b'], '');
  await model.refresh();
  expect(model.curves.map(({ name, series }) => [name, series.map(line => line.run)])).toEqual([
    ['loss', [run().id, 'b'.repeat(26)]]
  ]);
  const asked = stub.asked.filter(([name]) => name === 'metric.history').map(([, given]) => given);
  expect(asked).toHaveLength(2);
  expect(asked.every(given => typeof (given as { most?: number }).most === 'number')).toBe(true);
  await model.points('b'.repeat(26), 'loss', { after: 1, before: 9, most: 500 });
  expect(stub.asked.at(-1)).toEqual([
    'metric.history',
    { run: 'b'.repeat(26), key: 'loss', after: 1, before: 9, most: 500 },
    ''
  ]);
});

test('a comparison brings the figures that differ, each once, and goes without those that cannot be had', async () => {
  const file = (of: string, name: string, more: Partial<Artifact> = {}): Artifact => ({
    run: of.repeat(26),
    name: `figures/${name}`,
    digest: `${of} ${name}`,
    size: 10,
    media_type: 'image/png',
    ...more
  });
  let isAway = true;
  const output = { before: file('a', 'r.png'), after: file('b', 'r.png', { media_type: 'image/jpeg' }) };
  const { stub, watch } = watched({
    'run.compare': () => ({
      runs: [],
      metrics: [],
      code: [{ outputs: [output, { before: null, after: output.after }] }],
      figures: [
        { name: 'figures/gone.png', files: [file('a', 'gone.png'), null] },
        { name: 'figures/none.png', files: [file('a', 'none.png'), null] },
        { name: 'figures/d.svg', files: [file('a', 'd.svg', { media_type: 'image/svg+xml' }), null] },
        { name: 'figures/large.png', files: [null, file('b', 'large.png', { size: 1_000_001 })] }
      ]
    }),
    'run.curves': () => [],
    'artifact.get': ({ run: of, name }: { run: string; name: string }) => {
      if (isAway && name.includes('gone')) {
        throw new Error('gone');
      }
      return { picture: name.includes('none') ? null : of[0] };
    }
  });
  const model = new ComparisonModel(stub, watch, ['a', 'b'], '');
  await model.refresh();
  expect(model.pictures).toEqual({
    'a r.png': 'data:image/png;base64,a',
    'b r.png': 'data:image/jpeg;base64,b',
    'a none.png': ''
  });
  expect(stub.times('artifact.get')).toBe(4);
  // What could not be had this time may be there the next; the others are not asked for again.
  isAway = false;
  await model.refresh();
  expect(stub.times('artifact.get')).toBe(5);
  expect(model.pictures['a gone.png']).toBe('data:image/png;base64,a');
});

test('of more runs than can be told apart the best are drawn, in the order of the comparison', async () => {
  const runs = 'abcdefg'.split('').map(letter => run({ id: letter.repeat(26), name: letter }));
  const values = [5, 1, 'nan', 2, 3, 9, 4] as const;
  const { stub, watch } = watched({
    'run.compare': () => ({
      runs,
      metrics: [{ name: 'mae', values, direction: 'lower', best: 1, difference: null }],
      code: [],
      figures: []
    }),
    'run.curves': ({ runs: ids }: { runs: readonly string[] }) => ids.map(id => ({ run: id, key: 'mae' })),
    'metric.history': () => [{ step: 0, value: 1, sequence: 1 }]
  });
  const model = new ComparisonModel(stub, watch, ['a'], '');
  await model.refresh();
  expect(model.curves[0]?.series.map(({ name }) => name)).toEqual(['a', 'b', 'd', 'e', 'g']);
});

test('curves of a page come with it; those of runs that have ended are asked for once', async () => {
  const [ended, going, without] = [
    run({ id: 'e'.repeat(26) }),
    run({ id: 'g'.repeat(26), status: 'running', ended: null }),
    run({ id: 'w'.repeat(26) })
  ];
  const curve = (of: string) => ({ run: of, key: 'loss', count: 2, steps: [0, 1], values: [2, 1] });
  const asked: (readonly string[])[] = [];
  const { stub, watch } = watched({
    'run.find': () => ({ items: [ended, going, without], total: 3, cursor: null }),
    'run.curves': ({ runs }: { runs: readonly string[] }) => {
      asked.push(runs);
      return [ended, going].filter(({ id }) => runs.includes(id)).map(({ id }) => curve(id));
    }
  });
  const model = new TableModel(stub, watch, '');
  await model.refresh();
  await model.refresh();
  expect(asked).toEqual([[ended.id, going.id, without.id], [going.id]]);
  expect([...model.curves.keys()].sort()).toEqual([ended.id, going.id]);

  const page = Array.from({ length: 100 }, (_, place) => run({ id: String(place).padStart(26, 'p') }));
  stub.answers['run.find'] = () => ({ items: page, total: 100, cursor: null });
  await model.refresh();
  expect(asked.slice(2).map(({ length }) => length)).toEqual([50, 50]);
  expect(asked.slice(2).flat()).toEqual(page.map(({ id }) => id));

  stub.answers['run.find'] = () => ({ items: [ended, going, without], total: 3, cursor: null });
  delete stub.answers['run.curves']; // as where a run was deleted between the two questions
  await model.refresh();
  expect([model.failure, model.runs?.length, [...model.curves.keys()]]).toEqual([null, 3, [ended.id]]);
});

test('runs are grouped over a parameter, or their seeds, and what was answered stays until the next answer', async () => {
  const answers: ((groups: readonly unknown[]) => void)[] = [];
  const { stub, watch } = watched({
    ...pages,
    'run.group': () => new Promise(resolve => answers.push(resolve))
  });
  const model = new TableModel(stub, watch, '');
  model.query = 'mae < 4';
  const seen = () => [model.wantedOver, model.grouped?.over, model.grouped?.groups.length];
  let told = 0;
  model.changed.connect(() => (told += 1));
  const first = model.group('alpha');
  expect([told, ...seen()]).toEqual([1, 'alpha', undefined, undefined]);
  answers[0]?.([{}]);
  await first;
  expect(seen()).toEqual(['alpha', 'alpha', 1]);
  const second = model.group('');
  expect(seen()).toEqual(['', 'alpha', 1]);
  answers[1]?.([{}, {}]);
  await second;
  expect(seen()).toEqual(['', '', 2]);
  await model.group(null);
  expect(seen()).toEqual([null, undefined, undefined]);
  expect(stub.asked.filter(([name]) => name === 'run.group').map(([, asked]) => asked)).toEqual([
    { query: 'mae < 4', over: ['alpha'] },
    { query: 'mae < 4', over: undefined }
  ]);
});
