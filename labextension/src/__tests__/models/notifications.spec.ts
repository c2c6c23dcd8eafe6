import { NotificationsModel, type Shelf } from '../../models/notifications';
import { Watch } from '../../models/watch';
import { untranslated } from '../../views/words';
import type { Notification } from '../../wire';
import { NOW, at, notification } from '../samples';
import { StubServer, type Answers } from './client';

/** What a browser keeps. */
class FakeShelf implements Shelf {
  readonly kept = new Map<string, string>();
  full = false;

  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    if (this.full) {
      throw new DOMException('full', 'QuotaExceededError');
    }
    this.kept.set(key, value);
  }
}

/** A server's messages, the newest first, by the filter that the model asks with. */
class Messages {
  all: Notification[] = [];
  readonly stub: StubServer;

  constructor(more: Answers = {}) {
    this.stub = new StubServer({
      'workspace.show': (_: never, place: string) => ({
        kept: true,
        folder: `/w${place}/.mlops`,
        root: '/w'
      }),
      'notification.find': ({ query = '', limit = 0 }: { query?: string; limit?: number }) => {
        const found = this.all.filter(one => Date.parse(one.made) >= bound(query)).sort(newestFirst);
        return { items: found.slice(0, limit), total: found.length };
      },
      ...more
    });
  }
}

const newestFirst = (one: Notification, other: Notification): number =>
  Date.parse(other.made) - Date.parse(one.made);

function bound(query: string): number {
  const [, span, moment] = /^channel = 'jupyterlab' and made >= (?:-(\d+)s|'([^']+)')$/.exec(query) ?? [];
  return span === undefined ? Date.parse(moment ?? '') : Date.now() - Number(span) * 1000;
}

const reader = (server: Messages, shelf: Shelf = new FakeShelf(), base = 'http://here/') => {
  const watch = new Watch(server.stub);
  return { watch, model: new NotificationsModel(server.stub, watch, untranslated as never, shelf, base) };
};

const titles = async (model: NotificationsModel): Promise<readonly (string | undefined)[]> =>
  (await model.look()).map(({ message }) => message.split('\n')[0]);

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
});

afterEach(() => {
  jest.useRealTimers();
});

test('a first visit shows the last hour, in the order it happened, and each message once', async () => {
  const server = new Messages();
  server.all = [
    notification('yesterday', { made: at(26 * 60) }),
    notification('too old', { made: at(61) }),
    notification('first', { made: at(59) }),
    notification('second', { made: at(1) })
  ];
  const { model } = reader(server);
  expect(await titles(model)).toEqual(['first', 'second']);
  expect(await titles(model)).toEqual([]);
  server.all.push(notification('third', { made: at(0) }));
  expect(await titles(model)).toEqual(['third']);
});

test('what came before the first message of a first visit stays unshown', async () => {
  const server = new Messages();
  server.all = [notification('too old', { made: at(61) }), notification('first', { made: at(59) })];
  const { model } = reader(server);
  expect(await titles(model)).toEqual(['first']);
  expect(await titles(model)).toEqual([]);
});

test('after a reload of the page nothing is shown again, and what came meanwhile is', async () => {
  const server = new Messages();
  const shelf = new FakeShelf();
  server.all = [notification('one', { made: at(3) })];
  expect(await titles(reader(server, shelf).model)).toEqual(['one']);
  server.all.push(notification('two', { made: at(2) }));
  jest.advanceTimersByTime(9 * 3600_000);
  expect(await titles(reader(server, shelf).model)).toEqual(['two']);
  expect(await titles(reader(server, shelf).model)).toEqual([]);
});

test('who found nothing at the first visit finds all that came since', async () => {
  const server = new Messages();
  const shelf = new FakeShelf();
  expect(await titles(reader(server, shelf).model)).toEqual([]);
  server.all = [notification('in the evening', { made: at(-60) })];
  jest.advanceTimersByTime(12 * 3600_000);
  expect(await titles(reader(server, shelf).model)).toEqual(['in the evening']);
});

test('messages of one moment are all shown, also one that another machine made a little earlier', async () => {
  const server = new Messages();
  const { model } = reader(server);
  server.all = [notification('one', { made: at(3) })];
  expect(await titles(model)).toEqual(['one']);
  server.all.push(
    notification('same moment', { made: at(3) }),
    notification('clock behind', { made: at(4) })
  );
  expect([...(await titles(model))].sort()).toEqual(['clock behind', 'same moment']);
  expect(await titles(model)).toEqual([]);
});

test('another workspace, and another server, have messages of their own', async () => {
  const server = new Messages();
  const shelf = new FakeShelf();
  server.all = [notification('one', { made: at(3) })];
  const { model, watch } = reader(server, shelf);
  expect(await titles(model)).toEqual(['one']);
  watch.moveTo('/other');
  expect(await titles(model)).toEqual(['one']);
  expect(await titles(reader(server, shelf, 'http://there/').model)).toEqual(['one']);
  watch.moveTo('');
  expect(await titles(model)).toEqual([]);
});

test('a browser that keeps nothing shows nothing twice while the page is open', async () => {
  const server = new Messages();
  const shelf = new FakeShelf();
  const { model } = reader(server, shelf);
  server.all = [notification('one', { made: at(30) })];
  expect(await titles(model)).toEqual(['one']);
  shelf.full = true;
  server.all.push(notification('two', { made: at(3) }));
  expect(await titles(model)).toEqual(['two']);
  expect(await titles(model)).toEqual([]);
});

test('what is kept and cannot be read counts as a first visit', async () => {
  const server = new Messages();
  const shelf = new FakeShelf();
  server.all = [notification('one', { made: at(3) })];
  await titles(reader(server, shelf).model);
  for (const text of ['{', 'null', '[]', '{"visited": "x", "ids": 3}']) {
    [...shelf.kept.keys()].forEach(key => shelf.kept.set(key, text));
    expect(await titles(reader(server, shelf).model)).toEqual(['one']);
  }
});

test('what there is to tell says how grave it is, and how long it stays', async () => {
  const server = new Messages();
  const long = ['ValueError: no', '', 'in cell 2', 'of train.ipynb', 'a fourth line'].join('\n');
  server.all = [
    notification('tried out', { made: at(1), occasion: null, subject: '' }),
    notification('well', { made: at(2), occasion: 'success', text: '' }),
    notification('again', { made: at(3), occasion: 'recovered', text: '' }),
    notification('late', { made: at(4), occasion: 'late', text: '' }),
    notification('failed', { made: at(5), subject: 'j5', text: long })
  ];
  const toasts = await reader(server).model.look();
  expect(toasts.map(({ type, autoClose }) => [type, autoClose])).toEqual([
    ['error', false],
    ['warning', false],
    ['success', 10_000],
    ['success', 10_000],
    ['info', 10_000]
  ]);
  expect(toasts[0]).toMatchObject({
    message: 'failed\nValueError: no\nin cell 2\nof train.ipynb',
    job: 'j5'
  });
  expect(toasts.at(-1)?.job).toBeNull();
});

test('five are shown each, more as one that is as grave as the worst of them', async () => {
  const server = new Messages();
  const five = ['a', 'b', 'c', 'd', 'e'].map((title, index) =>
    notification(title, { made: at(30 - index), occasion: 'success' })
  );
  server.all = [...five];
  expect(await titles(reader(server).model)).toEqual(['a', 'b', 'c', 'd', 'e']);
  server.all = [...five, notification('f', { made: at(2), occasion: 'late' })];
  expect(await reader(server).model.look()).toEqual([
    { message: '6 new messages about jobs\nThe latest: f', type: 'warning', autoClose: false, job: '' }
  ]);
});

test.each([
  ['an hour', 250],
  ['a minute', 25_000]
])('also those that do not fit into one answer are counted, once: within %s', async (_, pace) => {
  const server = new Messages();
  const many = (from: number, count: number) =>
    Array.from({ length: count }, (_none, index) =>
      notification(`m${from + index}`, { made: at(50 - (from + index) / pace) })
    );
  server.all = many(0, 250);
  const { model } = reader(server);
  expect((await model.look())[0]?.message).toContain('250 new messages about jobs');
  expect(await titles(model)).toEqual([]);
  server.all.push(...many(250, 2));
  expect(await titles(model)).toEqual(['m250', 'm251']);
  server.all.push(...many(252, 150));
  expect((await model.look())[0]?.message).toContain('150 new messages about jobs');
  expect(await titles(model)).toEqual([]);
});

test('where nothing is kept no message is asked for, until something is', async () => {
  let kept = false;
  const server = new Messages({ 'workspace.show': () => ({ kept, folder: null, root: '/w' }) });
  server.all = [notification('one', { made: at(3) })];
  const { model } = reader(server);
  await expect(model.look()).rejects.toThrow('Nothing is kept');
  expect(server.stub.times('notification.find')).toBe(0);
  kept = true;
  expect(await titles(model)).toEqual(['one']);
  await model.look();
  expect(server.stub.times('workspace.show')).toBe(2);
});

test('a refusal is thrown, for whoever asks to wait', async () => {
  const { model } = reader(new Messages({ 'notification.find': undefined }));
  await expect(model.look()).rejects.toThrow('notification.find');
});
