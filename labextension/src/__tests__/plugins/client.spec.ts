import { FakeApp, activated, server } from './host';
import { Signal } from '@lumino/signaling';
import { Client } from '../../client';
import { failureOf } from '../../door';
import type { Watch } from '../../models/watch';
import { watchPlugin } from '../../plugins/client';
import { StubServer } from '../models/client';

const settings = { baseUrl: 'http://here/user/ana/' } as never;

interface Answer {
  readonly status?: number;
  readonly statusText?: string;
  readonly text: string;
}

/** What was asked of a server that answers so. */
function answering({ status = 200, statusText = 'OK', text }: Answer) {
  const asked: { url: string; method?: string; body?: unknown }[] = [];
  server.answer = (url, { method, body }) => {
    asked.push({ url, method, ...(body ? { body: JSON.parse(body as string) as unknown } : {}) });
    return Promise.resolve({
      ok: status < 400,
      status,
      statusText,
      text: () => Promise.resolve(text)
    });
  };
  return asked;
}

const failing = async (answer: Answer) => {
  answering(answer);
  try {
    await new Client(settings).call('run.get', { run: 'r' }, '');
    return null;
  } catch (error) {
    return failureOf(error);
  }
};

test('an operation is asked below the server’s own address, its path filled and the rest behind it', async () => {
  const asked = answering({ text: '{"items": []}' });
  const client = new Client(settings);
  await client.call('run.find', { query: "name = 'a b'", limit: 5, cursor: null }, 'air/a b.ipynb');
  await client.call('run.curves', { runs: ['r1', 'r2'], every: true }, '');
  await client.call('review.show', { reference: 'models/pm25:7' }, '');
  expect(asked.map(({ url, method }) => `${method ?? ''} ${url}`)).toEqual([
    'GET http://here/user/ana/jupyter-mlops/api/runs?path=air%2Fa+b.ipynb&query=name+%3D+%27a+b%27&limit=5',
    'GET http://here/user/ana/jupyter-mlops/api/runs/curves?runs=r1&runs=r2&every=true',
    'GET http://here/user/ana/jupyter-mlops/api/versions/models%2Fpm25%3A7/review'
  ]);
});

test('what changes something goes in the body, without what the path says already', async () => {
  const asked = answering({ text: '{}' });
  await new Client(settings).call(
    'review.decide',
    { review: 'r', verdict: 'approve', comment: '' },
    'a.ipynb'
  );
  expect(asked).toEqual([
    {
      url: 'http://here/user/ana/jupyter-mlops/api/reviews/r/decisions?path=a.ipynb',
      method: 'POST',
      body: { verdict: 'approve', comment: '' }
    }
  ]);
});

test('what the server refuses comes as it says it', async () => {
  const failure = { code: 'conflict', message: 'closed', remedy: 'open one', data: { a: 1 } };
  expect(await failing({ status: 409, text: JSON.stringify(failure) })).toEqual(failure);
});

test('an answer that is not ours is told by its code', async () => {
  const page = '<!DOCTYPE html><title>Sign in</title>';
  const signedOut = await failing({ text: page });
  expect(signedOut?.message).toContain('The server answered 200 OK');
  expect(signedOut?.message).not.toContain('token');
  expect(signedOut?.remedy).toContain('signed out');
  expect((await failing({ status: 502, statusText: 'Bad Gateway', text: page }))?.message).toBe(
    'The server answered 502 Bad Gateway.'
  );
  expect((await failing({ status: 404, text: page }))?.message).toContain('no jupyter-mlops');
});

test('a server that does not answer is unavailable', async () => {
  server.answer = () => Promise.reject(new Error('refused'));
  await expect(new Client(settings).call('run.get', { run: 'r' }, '')).rejects.toMatchObject({
    failure: { code: 'unavailable' }
  });
});

test('a connection that breaks while the answer comes is a server that does not answer', async () => {
  server.answer = () =>
    Promise.resolve({
      ok: true,
      status: 200,
      statusText: 'OK',
      text: () => Promise.reject(new TypeError('network error'))
    });
  await expect(new Client(settings).call('run.get', { run: 'r' }, '')).rejects.toMatchObject({
    failure: { code: 'unavailable', message: 'The server does not answer: network error' }
  });
});

interface Context {
  path: string;
  readonly pathChanged: Signal<unknown, string>;
}

test('the watch follows the notebook in front, also where it is moved to', () => {
  const contextAt = (path: string): Context => ({ path, pathChanged: new Signal({}) });
  const tracker = {
    currentWidget: null as { context: Context } | null,
    currentChanged: new Signal<unknown, { context: Context } | null>({})
  };
  const watch = activated(watchPlugin, new FakeApp(), new StubServer({}), tracker, null) as Watch;
  const show = (context: Context): void => {
    tracker.currentWidget = { context };
    tracker.currentChanged.emit(tracker.currentWidget);
  };
  const [one, two] = [contextAt('air/a.ipynb'), contextAt('b.ipynb')];
  show(one);
  one.path = 'rain/a.ipynb';
  one.pathChanged.emit(one.path);
  expect(watch.place).toBe('rain/a.ipynb');
  show(two);
  one.pathChanged.emit(one.path);
  expect(watch.place).toBe('b.ipynb');
});
