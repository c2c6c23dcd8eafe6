import { Watch } from '../../models/watch';
import { event } from '../samples';
import { StubServer, type Answers } from './client';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

const settled = () => jest.advanceTimersByTimeAsync(0);

function server(more: Answers = {}): StubServer {
  return new StubServer({
    'workspace.show': () => ({ folder: '/w/.mlops', root: '/w' }),
    'ledger.history': ({ newest }: { newest?: boolean }) => (newest ? [event('run.started', 4)] : []),
    ...more
  });
}

test('it begins at the head and asks for what came after', async () => {
  const stub = server();
  const watch = new Watch(stub);
  const attention = watch.attend();
  await settled();
  await jest.advanceTimersByTimeAsync(3000);
  const looks = stub.asked.filter(([name]) => name === 'ledger.history').map(([, given]) => given);
  expect(looks).toEqual([
    { newest: true, limit: 1 },
    { after: 4, limit: 1000 }
  ]);
  attention.dispose();
});

test('nobody looks, nothing is asked', async () => {
  const stub = server();
  const watch = new Watch(stub);
  const [one, two] = [watch.attend(), watch.attend()];
  await settled();
  one.dispose();
  one.dispose();
  await jest.advanceTimersByTimeAsync(3000);
  expect(stub.times('ledger.history')).toBe(2);
  two.dispose();
  await jest.advanceTimersByTimeAsync(60_000);
  expect(stub.times('ledger.history')).toBe(2);
});

test('a server that does not answer is asked less and less often', async () => {
  const stub = new StubServer({});
  const watch = new Watch(stub);
  const attention = watch.attend();
  await settled();
  await jest.advanceTimersByTimeAsync(60_000);
  expect(stub.asked.length).toBeLessThan(6);
  attention.dispose();
});

test('another place starts over with its own workspace', async () => {
  const stub = server();
  const watch = new Watch(stub);
  const attention = watch.attend();
  await settled();
  watch.moveTo('other/a.ipynb');
  await settled();
  expect(stub.asked.slice(-2).map(([name, , place]) => [name, place])).toEqual([
    ['workspace.show', 'other/a.ipynb'],
    ['ledger.history', 'other/a.ipynb']
  ]);
  expect(stub.asked.at(-1)?.[1]).toEqual({ newest: true, limit: 1 });
  attention.dispose();
});

test('an answer for a place that was left is thrown away', async () => {
  let release: (found: unknown) => void = () => undefined;
  const stub = server({
    'workspace.show': (_: never, place: string) =>
      place ? { folder: '/new/.mlops' } : new Promise(resolve => (release = resolve))
  });
  const watch = new Watch(stub);
  const attention = watch.attend();
  await settled();
  watch.moveTo('new/a.ipynb');
  release({ folder: '/old/.mlops' });
  await settled();
  await jest.advanceTimersByTimeAsync(3000);
  expect(watch.workspace?.folder).toBe('/new/.mlops');
  attention.dispose();
});
