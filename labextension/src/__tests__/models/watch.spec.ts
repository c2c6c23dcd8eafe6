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

function hide(hidden: boolean): void {
  jest.spyOn(document, 'hidden', 'get').mockReturnValue(hidden);
  document.dispatchEvent(new Event('visibilitychange'));
}

test('nothing is asked while the page is hidden, and once at once when it is seen again', async () => {
  const stub = server({ 'workspace.show': () => ({ kept: true }) });
  const watch = new Watch(stub);
  const attention = watch.attend();
  await settled();
  hide(true);
  await jest.advanceTimersByTimeAsync(60_000);
  expect(stub.times('ledger.history')).toBe(1);
  hide(false);
  await settled();
  expect(stub.times('ledger.history')).toBe(2);
  await jest.advanceTimersByTimeAsync(3000);
  expect(stub.times('ledger.history')).toBe(3);
  attention.dispose();
  hide(false);
  await settled();
  expect(stub.times('ledger.history')).toBe(3);
});

test('a place that is moved to is looked at at once, whatever the last one did', async () => {
  const stub = server({
    'workspace.show': (_: never, place: string) =>
      place ? { folder: '/new/.mlops' } : new Promise(() => undefined)
  });
  const watch = new Watch(stub);
  const attention = watch.attend();
  await settled();
  watch.moveTo('new/a.ipynb');
  await settled();
  expect(watch.workspace?.folder).toBe('/new/.mlops');
  attention.dispose();
});

test('what failed at one place is no reason to wait at another', async () => {
  const stub = new StubServer({});
  const watch = new Watch(stub);
  const attention = watch.attend();
  await jest.advanceTimersByTimeAsync(60_000);
  watch.moveTo('new/a.ipynb');
  await settled();
  const asked = stub.asked.length;
  await jest.advanceTimersByTimeAsync(6000);
  expect(stub.asked.length).toBe(asked + 1);
  attention.dispose();
});

test('what is said of a workspace is asked again until it is kept, and when something happens in it', async () => {
  const state = { kept: false, disabled: false };
  const stub = server({ 'workspace.show': () => ({ ...state }) });
  const watch = new Watch(stub);
  await watch.look();
  state.kept = true;
  await watch.look();
  expect(watch.workspace?.kept).toBe(true);
  await watch.look();
  expect(stub.times('workspace.show')).toBe(2);
  state.disabled = true;
  stub.answers['ledger.history'] = () => [event('run.started', 9)];
  await watch.look();
  expect(watch.workspace?.disabled).toBe(true);
});
