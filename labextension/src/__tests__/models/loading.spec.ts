import { JobsModel } from '../../models/jobs';
import { RunsModel } from '../../models/runs';
import { Watch } from '../../models/watch';
import { event, job, run } from '../samples';
import { StubServer, type Answers } from './client';

const settle = () => new Promise(resolve => setTimeout(resolve, 0));

function slow(name: 'job.find' | 'run.find') {
  const waiting: ((page: unknown) => void)[] = [];
  const answers: Answers = {
    'workspace.show': () => ({ kept: true }),
    'ledger.history': () => [],
    [name]: () => new Promise(resolve => waiting.push(resolve))
  };
  const stub = new StubServer(answers);
  return { stub, waiting, watch: new Watch(stub) };
}

test('a reading that takes longer than the time between two looks is kept, and done once more only for what has happened', async () => {
  const { stub, waiting, watch } = slow('job.find');
  const model = new JobsModel(stub, watch);
  const attention = model.attend();
  await settle();
  const busy = { items: [job()], total: 1 };
  waiting[0]?.(busy);
  await settle();
  await watch.look();
  const begun = stub.times('job.find');
  await watch.look();
  await watch.look();
  expect(stub.times('job.find')).toBe(begun);
  waiting.at(-1)?.({ items: [job({ attempt: 2 })], total: 1 });
  await settle();
  expect(model.jobs?.[0]?.attempt).toBe(2);
  // Only time has passed: that is left to the next look.
  expect(stub.times('job.find')).toBe(begun);
  await watch.look();
  expect(stub.times('job.find')).toBe(begun + 1);
  stub.answers['ledger.history'] = () => [event('job.ended', 9)];
  await watch.look();
  stub.answers['ledger.history'] = () => [];
  await watch.look();
  expect(stub.times('job.find')).toBe(begun + 1);
  waiting.at(-1)?.({ items: [job({ attempt: 3 })], total: 1 });
  await settle();
  expect(stub.times('job.find')).toBe(begun + 2);
  waiting.at(-1)?.({ items: [job({ status: 'succeeded' })], total: 1 });
  await settle();
  expect(model.jobs?.[0]?.status).toBe('succeeded');
  expect(stub.times('job.find')).toBe(begun + 2);
  attention.dispose();
});

test('what a reader asks for overtakes a reading all the same', async () => {
  const { stub, waiting, watch } = slow('run.find');
  const model = new RunsModel(stub, watch);
  const attention = model.attend();
  await settle();
  void model.search('new');
  expect(stub.times('run.find')).toBe(2);
  waiting[1]?.({ items: [run({ name: 'new' })], total: 1 });
  await settle();
  waiting[0]?.({ items: [run({ name: 'old' })], total: 1 });
  await settle();
  expect(model.runs?.map(({ name }) => name)).toEqual(['new']);
  attention.dispose();
});

test('nothing is read again for whom nobody looks any more', async () => {
  const { stub, waiting, watch } = slow('job.find');
  const model = new JobsModel(stub, watch);
  const attention = model.attend();
  await settle();
  waiting[0]?.({ items: [job()], total: 1 });
  await settle();
  await watch.look();
  stub.answers['ledger.history'] = () => [event('job.ended', 9)];
  await watch.look();
  attention.dispose();
  const asked = stub.times('job.find');
  waiting.at(-1)?.({ items: [job()], total: 1 });
  await settle();
  expect(stub.times('job.find')).toBe(asked);
});
