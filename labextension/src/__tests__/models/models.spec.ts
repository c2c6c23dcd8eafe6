import { JobsModel } from '../../models/jobs';
import { LaunchModel } from '../../models/launch';
import { ModelsModel, shelved } from '../../models/models';
import { ordered, ReviewModel, ReviewsModel } from '../../models/reviews';
import { placesOf, RunModel } from '../../models/run';
import { RunsModel } from '../../models/runs';
import { Watch } from '../../models/watch';
import { event, job, review, run } from '../samples';
import { StubServer, type Answers } from './client';

const watched = (answers: Answers): { stub: StubServer; watch: Watch } => {
  const stub = new StubServer({
    'workspace.show': () => ({}),
    'ledger.history': () => [],
    ...answers
  });
  return { stub, watch: new Watch(stub) };
};

const settle = () => new Promise(resolve => setTimeout(resolve, 0));

test('a query that is refused leaves the rows and says why', async () => {
  let wrong = false;
  const { stub, watch } = watched({
    'run.find': () => {
      if (wrong) {
        throw Object.assign(new Error(), {
          failure: { code: 'invalid', message: 'column 3', remedy: '', data: { column: 3 } }
        });
      }
      return { items: [run()], total: 1, cursor: null };
    }
  });
  const model = new RunsModel(stub, watch);
  await model.search('');
  wrong = true;
  await model.search('mae <<');
  expect(model.failure?.data).toEqual({ column: 3 });
  expect(model.runs).toHaveLength(1);
  wrong = false;
  await model.search('');
  expect(model.failure).toBeNull();
});

test('an answer that was overtaken by a later question is not kept', async () => {
  const waiting: ((page: unknown) => void)[] = [];
  const { stub, watch } = watched({
    'run.find': () => new Promise(resolve => waiting.push(resolve))
  });
  const model = new RunsModel(stub, watch);
  const [first, second] = [model.search('old'), model.search('new')];
  waiting[1]?.({ items: [run({ name: 'new' })], total: 1 });
  await second;
  waiting[0]?.({ items: [run({ name: 'old' })], total: 1 });
  await first;
  expect(model.runs?.map(({ name }) => name)).toEqual(['new']);
});

test('the chosen runs come oldest first, and one that is gone is chosen no more', async () => {
  const older = run({ id: 'a'.repeat(26), started: '2026-01-01T00:00:00Z' });
  const newer = run({ id: 'b'.repeat(26), started: '2026-01-02T00:00:00Z' });
  let items = [newer, older];
  const { stub, watch } = watched({ 'run.find': () => ({ items, total: items.length }) });
  const model = new RunsModel(stub, watch);
  await model.refresh();
  model.choose(newer.id, true);
  model.choose(older.id, true);
  expect(model.chosenRuns.map(({ id }) => id)).toEqual([older.id, newer.id]);
  items = [newer];
  await model.refresh();
  expect([...model.chosen]).toEqual([newer.id]);
});

test('a change that is refused stays on the screen while the list is read again', async () => {
  const { stub, watch } = watched({ 'run.find': () => ({ items: [run()], total: 1 }) });
  const model = new RunsModel(stub, watch);
  await model.refresh();
  model.choose(run().id, true);
  expect(await model.tagChosen({ a: 'b' })).toBe(false);
  await model.refresh();
  expect(model.refusal?.message).toBe('no run.tag');
  expect(model.failure).toBeNull();
});

test('a list is read again when the ledger speaks of it, and when something in it is at work', async () => {
  const status = { now: 'running' as 'running' | 'succeeded' };
  const { stub, watch } = watched({
    'job.find': () => ({ items: [job({ status: status.now })], total: 1 })
  });
  const model = new JobsModel(stub, watch);
  const attention = model.attend();
  await settle();
  const before = stub.times('job.find');
  status.now = 'succeeded';
  await watch.look();
  await settle();
  expect(stub.times('job.find')).toBe(before + 1);
  await watch.look();
  await settle();
  expect(stub.times('job.find')).toBe(before + 1);
  stub.answers['ledger.history'] = () => [event('job.queued', 9)];
  await watch.look();
  await settle();
  expect(stub.times('job.find')).toBe(before + 2);
  attention.dispose();
});

test('a card stays with the workspace it was opened in', async () => {
  const { stub, watch } = watched({
    'run.get': () => run(),
    'artifact.find': () => ({ items: [], total: 0 }),
    'run.curves': () => [{ key: 'loss' }],
    'metric.history': () => [{ step: 0, value: 1, sequence: 1 }]
  });
  watch.moveTo('one/a.ipynb');
  const model = new RunModel(stub, watch, run().id);
  watch.moveTo('two/b.ipynb');
  await model.refresh();
  expect(stub.asked.filter(([name]) => name === 'run.get').map(([, , place]) => place)).toEqual([
    'one/a.ipynb'
  ]);
  expect(model.curves.map(({ name }) => name)).toEqual(['loss']);
  await model.points(run().id, 'loss', { after: 1, before: 9, most: 400 });
  expect(stub.asked.at(-1)).toEqual([
    'metric.history',
    { run: run().id, key: 'loss', after: 1, before: 9, most: 400 },
    'one/a.ipynb'
  ]);
});

const BESIDE = { run: run().id, before: null, metrics: [], counts: [3], failed: null, steps: 0, models: [] };

test('a card has what stands beside its run, and the runs of its experiment, which are asked for once', async () => {
  const older = run({ id: 'a'.repeat(26), started: '2026-01-01T00:00:00Z' });
  const newer = run({ id: 'b'.repeat(26), started: '2027-01-01T00:00:00Z' });
  const { stub, watch } = watched({
    'run.get': () => run({ experiment: "ana's" }),
    'run.find': () => ({ items: [older, newer], total: 2 }),
    'run.beside': () => BESIDE,
    'artifact.find': () => ({ items: [], total: 0 }),
    'run.curves': () => []
  });
  const model = new RunModel(stub, watch, run().id);
  await model.refresh();
  await model.refresh();
  expect(model.beside?.counts).toEqual([3]);
  expect(stub.asked.filter(([name]) => name === 'run.find').map(([, given]) => given)).toEqual([
    { query: "experiment = 'ana\\'s'", limit: 30 }
  ]);
  expect(model.inOrder(older.id)).toEqual([older.id, run().id]);
  expect(model.inOrder(newer.id)).toEqual([run().id, newer.id]);
  expect(model.inOrder('before')).toEqual(['before', run().id]);
  delete stub.answers['run.beside'];
  await model.refresh();
  expect([model.beside, model.failure]).toEqual([null, null]);
});

test('the notebook of a run is looked for where the project lies, and where a job has it from', () => {
  const at = (folder: string | null) =>
    ({ folder, root: '/srv', kept: true, disabled: false }) as Parameters<typeof placesOf>[0];
  expect(placesOf(at('/srv/air/.mlops'), 'b/c.ipynb', 'a.ipynb')).toEqual(['air/a.ipynb', 'a.ipynb']);
  expect(placesOf(at('/srv/.mlops'), 'b/c.ipynb', 'a.ipynb')).toEqual(['a.ipynb']);
  expect(placesOf(at('/elsewhere/.mlops'), 'b/c.ipynb', 'a.ipynb')).toEqual(['a.ipynb']);
  expect(placesOf(at(null), 'b/c.ipynb', 'a.ipynb')).toEqual(['b/a.ipynb', 'a.ipynb']);
});

test('a decision is posted by the browser and the answer shown', async () => {
  let status: 'open' | 'approved' = 'open';
  const { stub, watch } = watched({
    'review.show': () => review({ status }),
    'review.decide': () => {
      status = 'approved';
      return review({ status });
    }
  });
  const model = new ReviewModel(stub, watch, 'r');
  await model.refresh();
  await model.decide('approve', 'why');
  expect(stub.asked.find(([name]) => name === 'review.decide')?.[1]).toEqual({
    review: 'r',
    verdict: 'approve',
    comment: 'why'
  });
  expect(model.review?.status).toBe('approved');
  expect(model.busy).toBe(false);
});

test('a review is read with its evidence compared, and not again for what happens to other models', async () => {
  const { stub, watch } = watched({ 'review.show': () => review(), 'ledger.history': () => [] });
  const model = new ReviewModel(stub, watch, 'r');
  const attention = model.attend();
  await settle();
  const before = stub.times('review.show');
  stub.answers['ledger.history'] = () => [event('alias.moved', 8, 'other@champion')];
  await watch.look();
  await settle();
  expect(stub.times('review.show')).toBe(before);
  stub.answers['ledger.history'] = () => [event('alias.moved', 9, 'pm25@champion')];
  await watch.look();
  await settle();
  expect(stub.times('review.show')).toBe(before + 1);
  expect(stub.asked.find(([name]) => name === 'review.show')?.[1]).toEqual({ reference: 'r' });
  attention.dispose();
});

test('open reviews come first, then the newest', () => {
  const all = [
    review({ id: 'old', status: 'approved', opened: '2026-01-01T00:00:00Z' }),
    review({ id: 'new', status: 'rejected', opened: '2026-01-03T00:00:00Z' }),
    review({ id: 'open', opened: '2026-01-02T00:00:00Z' })
  ];
  expect(ordered(all).map(({ id }) => id)).toEqual(['open', 'new', 'old']);
});

test('versions stand on their model’s shelf, newest first', () => {
  const version = (model: string, number: number) => ({ model, version: number }) as never;
  const [shelf] = shelved(
    [{ name: 'a' } as never],
    [version('a', 1), version('b', 1), version('a', 2)],
    [{ model: 'b', name: 'champion' } as never]
  );
  expect(shelf?.versions.map(({ version: number }) => number)).toEqual([2, 1]);
  expect(shelf?.aliases).toEqual([]);
});

test('a job is started with the notebook saved first, and asks for a review where it registers', async () => {
  const order: string[] = [];
  const { stub } = watched({
    'job.inspect': () => {
      order.push('read');
      return [];
    },
    'job.submit': () => {
      order.push('submitted');
      return job();
    }
  });
  const model = new LaunchModel(stub, {
    path: 'a/b.ipynb',
    save: async () => {
      await settle();
      order.push('saved');
    }
  });
  await model.read();
  model.register = ' pm25 ';
  expect(await model.start({ n: 6 })).toEqual(job());
  expect(order).toEqual(['saved', 'read', 'saved', 'submitted']);
  expect(stub.asked.at(-1)).toEqual([
    'job.submit',
    { notebook: 'a/b.ipynb', parameters: { n: 6 }, register_as: 'pm25', review_for: 'champion' },
    'a/b.ipynb'
  ]);
});

test('a notebook that cannot be saved starts nothing', async () => {
  const { stub } = watched({ 'job.submit': () => job() });
  const model = new LaunchModel(stub, {
    path: 'a.ipynb',
    save: () => Promise.reject(new Error('disk full'))
  });
  expect(await model.start({})).toBeNull();
  expect(model.failure?.message).toBe('disk full');
  expect(stub.times('job.submit')).toBe(0);
});

test('a review that has been open for long is listed though many are newer', async () => {
  const newest = Array.from({ length: 200 }, (_, n) =>
    review({ id: `r${n}`, status: 'approved', opened: '2026-01-03T00:00:00Z' })
  );
  const old = review({ id: 'old', opened: '2025-01-01T00:00:00Z' });
  const { stub, watch } = watched({
    'review.find': ({ query }: { query?: string }) =>
      query === "status = 'open'" ? { items: [old], total: 1 } : { items: newest, total: 260 }
  });
  const model = new ReviewsModel(stub, watch);
  await model.refresh();
  expect(model.reviews?.[0]?.id).toBe('old');
  expect([model.reviews?.length, model.total]).toEqual([201, 260]);
});

test('where all reviews come at once the open ones are not asked for again', async () => {
  const { stub, watch } = watched({ 'review.find': () => ({ items: [review()], total: 1 }) });
  const model = new ReviewsModel(stub, watch);
  await model.refresh();
  expect(stub.times('review.find')).toBe(1);
  expect(model.total).toBe(1);
});

test('models come with what is cut off, and with which versions have a review', async () => {
  const { stub, watch } = watched({
    'model.find': () => ({ items: [{ name: 'pm25' }], total: 1 }),
    'version.find': () => ({ items: [{ model: 'pm25', version: 2 }], total: 1200 }),
    'alias.find': () => ({ items: [], total: 0 }),
    'ledger.history': () => [event('review.opened', 3, 'pm25:2')]
  });
  const model = new ModelsModel(stub, watch);
  await model.refresh();
  expect(model.cut).toEqual([{ of: 'versions', shown: 1, total: 1200 }]);
  expect([...(model.reviewed ?? [])]).toEqual(['pm25:2']);
  expect(stub.asked.find(([name]) => name === 'ledger.history')?.[1]).toMatchObject({
    kind: 'review.opened'
  });
  delete stub.answers['ledger.history'];
  await model.refresh();
  expect([model.failure, model.reviewed]).toEqual([null, undefined]);
});

test('models are read again when a run behind one of their versions is graded anew, and not for any other', async () => {
  const { stub, watch } = watched({
    'model.find': () => ({ items: [{ name: 'pm25' }], total: 1 }),
    'version.find': () => ({ items: [{ model: 'pm25', version: 2, run: 'behind' }], total: 1 }),
    'alias.find': () => ({ items: [], total: 0 })
  });
  const attention = new ModelsModel(stub, watch).attend();
  await settle();
  const read = async (subject: string, sequence: number, kind = 'run.graded'): Promise<number> => {
    const before = stub.times('version.find');
    stub.answers['ledger.history'] = () => [event(kind, sequence, subject)];
    await watch.look();
    await settle();
    return stub.times('version.find') - before;
  };
  const found = [
    await read('another', 8),
    await read('behind', 9),
    await read('behind', 10, 'run.document_settled'),
    await read('behind', 11, 'run.tagged')
  ];
  expect(found).toEqual([0, 1, 1, 0]);
  attention.dispose();
});

test('a decision is posted once, however often it is clicked', async () => {
  const { stub, watch } = watched({ 'review.show': () => review(), 'review.decide': () => review() });
  const model = new ReviewModel(stub, watch, 'r');
  await Promise.all([model.decide('approve', ''), model.decide('approve', '')]);
  expect(stub.times('review.decide')).toBe(1);
});

test('a server that shows all files has their project in the root', () => {
  const state = { folder: '/air/.mlops', root: '/', kept: true, disabled: false };
  expect(placesOf(state as Parameters<typeof placesOf>[0], 'b/c.ipynb', 'a.ipynb')).toEqual([
    'air/a.ipynb',
    'a.ipynb'
  ]);
});

test('a review that ended is asked for once more, for the same version and alias, however often it is clicked', async () => {
  const { stub, watch } = watched({
    'review.show': () => review({ status: 'expired', alias: 'shadow' }),
    'review.open': () => review({ id: 'next' })
  });
  const model = new ReviewModel(stub, watch, 'r', 'air/a.ipynb');
  expect(await model.renew()).toBeNull();
  await model.refresh();
  const [first, second] = await Promise.all([model.renew(), model.renew()]);
  expect([first?.id, second, model.busy]).toEqual(['next', null, false]);
  expect(stub.asked.filter(([name]) => name === 'review.open')).toEqual([
    ['review.open', { reference: 'pm25:7', alias: 'shadow' }, 'air/a.ipynb']
  ]);
  delete stub.answers['review.open'];
  expect(await model.renew()).toBeNull();
  expect([model.refusal?.message, model.busy]).toEqual(['no review.open', false]);
});

test('where the ledger may know of more openings than it tells, no version is said to have none', async () => {
  const opened = Array.from({ length: 1000 }, (_, n) => event('review.opened', n, `pm25:${n}`));
  const { stub, watch } = watched({
    'model.find': () => ({ items: [], total: 0 }),
    'version.find': () => ({ items: [], total: 0 }),
    'alias.find': () => ({ items: [], total: 0 }),
    'ledger.history': () => opened
  });
  const model = new ModelsModel(stub, watch);
  await model.refresh();
  expect(model.reviewed).toBeUndefined();
  stub.answers['ledger.history'] = () => opened.slice(1);
  await model.refresh();
  expect(model.reviewed?.size).toBe(999);
});
