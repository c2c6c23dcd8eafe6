import { DocumentReporter, type DocumentComm, type DocumentKernel } from '../../models/document';

class FakeComm implements DocumentComm {
  isDisposed = false;
  sent: unknown[] = [];
  onClose: (message: never) => void = () => undefined;

  constructor(readonly commId: string) {}

  send(data: unknown): void {
    this.sent.push(data);
  }
}

class FakeKernel implements DocumentKernel {
  opened: ((comm: DocumentComm) => void) | null = null;
  found: DocumentComm[] = [];

  registerCommTarget(_: string, opened: (comm: DocumentComm) => void): void {
    this.opened = opened;
  }

  removeCommTarget(): void {
    this.opened = null;
  }

  openComms(): Promise<readonly DocumentComm[]> {
    return Promise.resolve(this.found);
  }
}

const cells = ['a', 'b'];
const reporter = (): DocumentReporter =>
  new DocumentReporter({ order: () => [...cells], path: () => 'n.ipynb' });
const state = { order: ['a', 'b'], path: 'n.ipynb' };

test('a kernel that asks is told at once, and again before each execution', async () => {
  const [kernel, comm, told] = [new FakeKernel(), new FakeComm('1'), reporter()];
  await told.serve(kernel);
  kernel.opened?.(comm);
  expect(comm.sent).toEqual([{ ...state, answer: true }]);
  told.report();
  expect(comm.sent).toEqual([{ ...state, answer: true }, state]);
});

test('a comm that was closed is told no more', async () => {
  const [kernel, comm, told] = [new FakeKernel(), new FakeComm('1'), reporter()];
  await told.serve(kernel);
  kernel.opened?.(comm);
  comm.onClose(undefined as never);
  told.report();
  expect(comm.sent).toHaveLength(1);
});

test('after a reload of the page the comm that is open in the kernel is found again, and no answer is given to it', async () => {
  const [kernel, comm, told] = [new FakeKernel(), new FakeComm('1'), reporter()];
  kernel.found = [comm];
  await told.serve(kernel);
  expect(comm.sent).toEqual([state]);
});

test('another kernel is served in place of the old one', async () => {
  const [old, fresh, comm, told] = [new FakeKernel(), new FakeKernel(), new FakeComm('1'), reporter()];
  await told.serve(old);
  old.opened?.(comm);
  await told.serve(fresh);
  told.report();
  expect(comm.sent).toHaveLength(1);
  expect(old.opened).toBeNull();
  expect(fresh.opened).not.toBeNull();
});
