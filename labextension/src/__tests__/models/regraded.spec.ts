import { JobsModel } from '../../models/jobs';
import { RunModel } from '../../models/run';
import { Watch } from '../../models/watch';
import { beside, event, job, run } from '../samples';
import { StubServer } from './client';

const settle = () => new Promise(resolve => setTimeout(resolve, 0));

const relative = (id: string) => ({
  run: id,
  name: id,
  status: 'finished' as const,
  metric: '',
  value: null,
  trust: null
});

test('a job that has ended and the kin of a run are looked at again when they are graded anew', async () => {
  const stub = new StubServer({
    'workspace.show': () => ({}),
    'ledger.history': () => [],
    'job.find': () => ({ items: [job({ status: 'succeeded', run: 'made' })], total: 1 }),
    'run.get': () => run(),
    'run.beside': () => beside({ parent: relative('above'), children: [relative('below')] }),
    'run.find': () => ({ items: [], total: 0 }),
    'artifact.find': () => ({ items: [], total: 0 }),
    'run.curves': () => []
  });
  const watch = new Watch(stub);
  const attended = [new JobsModel(stub, watch).attend(), new RunModel(stub, watch, run().id).attend()];
  await settle();
  await settle();
  let sequence = 8;
  const asked = async (subject: string): Promise<readonly number[]> => {
    const before = [stub.times('job.find'), stub.times('run.beside')];
    stub.answers['ledger.history'] = () => [event('run.graded', (sequence += 1), subject)];
    await watch.look();
    await settle();
    return [stub.times('job.find') - before[0], stub.times('run.beside') - before[1]];
  };
  expect([await asked('made'), await asked('above'), await asked('below'), await asked('far')]).toEqual([
    [1, 0],
    [0, 1],
    [0, 1],
    [0, 0]
  ]);
  for (const attention of attended) {
    attention.dispose();
  }
});
