import { JobsModel } from '../../models/jobs';
import { Watch } from '../../models/watch';
import type { Fix } from '../../wire';
import { job } from '../samples';
import { StubServer } from './client';

const remedy: Fix = { job: 'j', kind: 'retry', what: 'lost', steps: ['once more'], applied: false };

test('a job somebody came for is listed though it is older than the rest, once, until they go elsewhere', async () => {
  const stub = new StubServer({
    'workspace.show': () => ({ kept: true }),
    'ledger.history': () => [],
    'job.find': () => ({ items: [job({ id: 'new' })], total: 3 }),
    'job.get': ({ job: id }: { job: string }) => job({ id })
  });
  const watch = new Watch(stub);
  const model = new JobsModel(stub, watch);
  const listed = () => model.jobs?.map(({ id }) => id);
  await model.want('new');
  expect([listed(), stub.times('job.get')]).toEqual([['new'], 0]);
  await model.want('old');
  await model.refresh();
  expect(listed()).toEqual(['new', 'old']);
  const attention = model.attend();
  watch.moveTo('other.ipynb');
  await model.refresh();
  expect(listed()).toEqual(['new']);
  attention.dispose();
});

test('that a job somebody came for is gone is said once, above the others', async () => {
  const stub = new StubServer({ 'job.find': () => ({ items: [job({ id: 'new' })], total: 1 }) });
  const model = new JobsModel(stub, new Watch(stub));
  await model.want('gone');
  expect([model.jobs?.length, model.refusal?.message, model.failure]).toEqual([1, 'no job.get', null]);
  await model.refresh();
  expect(stub.times('job.get')).toBe(1);
});

test('a remedy is kept until it is applied or the job is tried again', async () => {
  const applied: unknown[] = [];
  const stub = new StubServer({
    'workspace.show': () => ({ kept: true }),
    'ledger.history': () => [],
    'job.find': () => ({ items: [job({ status: 'lost' })], total: 1 }),
    'job.retry': () => job({ status: 'queued' }),
    'job.fix': (said: { apply?: boolean }) => {
      applied.push(said.apply);
      return { ...remedy, applied: said.apply };
    }
  });
  const model = new JobsModel(stub, new Watch(stub));
  await model.fix('j');
  expect(model.fixes.get('j')?.steps).toEqual(['once more']);
  await model.fix('j', true);
  expect(model.fixes.size).toBe(0);
  await model.fix('j');
  await model.retry('j');
  expect(model.fixes.size).toBe(0);
  expect(applied).toEqual([false, true, false]);
  expect(stub.times('job.retry')).toBe(1);
});

test('trials that cannot be read are said and keep nothing else from being listed', async () => {
  const stub = new StubServer({
    'workspace.show': () => ({ kept: true }),
    'ledger.history': () => [],
    'job.find': () => ({ items: [job({ id: 's' })], total: 1 })
  });
  const model = new JobsModel(stub, new Watch(stub));
  await model.showTrials('s');
  expect([model.jobs?.length, model.trials.size]).toEqual([1, 0]);
  expect(model.refusal?.message).toBe('no job.trials');
});

test('trials stand with their sweep, are read anew while they are shown, and hidden again', async () => {
  let rows = 1;
  const asked: unknown[] = [];
  const stub = new StubServer({
    'workspace.show': () => ({ kept: true }),
    'ledger.history': () => [],
    'job.find': (given: unknown) => {
      asked.push(given);
      return { items: [job({ id: 's' })], total: 1 };
    },
    'job.trials': () => ({ rows: Array.from({ length: rows }) })
  });
  const model = new JobsModel(stub, new Watch(stub));
  await model.showTrials('s');
  expect(model.trials.get('s')?.rows.length).toBe(1);
  expect(asked).toContainEqual(expect.objectContaining({ query: "sweep = ''" }));
  rows = 2;
  await model.refresh();
  expect(model.trials.get('s')?.rows.length).toBe(2);
  await model.showTrials('s');
  expect(model.trials.size).toBe(0);
});
