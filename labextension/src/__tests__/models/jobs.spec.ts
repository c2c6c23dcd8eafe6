import { JobsModel } from '../../models/jobs';
import { Watch } from '../../models/watch';
import type { Fix } from '../../wire';
import { job } from '../samples';
import { StubServer } from './client';

const remedy: Fix = { job: 'j', kind: 'retry', what: 'lost', steps: ['once more'], applied: false };

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
