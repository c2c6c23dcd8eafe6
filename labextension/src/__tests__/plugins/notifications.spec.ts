import { FakeApp, FakePanel, activated, emitted, untranslated } from './host';
import { Signal } from '@lumino/signaling';
import { Watch } from '../../models/watch';
import { jobsPlugin } from '../../plugins/jobs';
import { notificationsPlugin } from '../../plugins/notifications';
import { CommandIds, PluginIds } from '../../tokens';
import type { Notification } from '../../wire';
import { StubServer } from '../models/client';
import { job, notification } from '../samples';

const translator = { load: () => untranslated };

/** The settings of the panel, as a reader changes them. */
class FakeSettings {
  readonly changed = new Signal<unknown, void>({});
  composite: { notifications?: boolean } = {};

  load(id: string): Promise<unknown> {
    return id === PluginIds.panel ? Promise.resolve(this) : Promise.reject(new Error(id));
  }

  turn(on: boolean): void {
    this.composite = { notifications: on };
    this.changed.emit();
  }
}

function opened(settings: FakeSettings | null = null) {
  const page = { messages: [] as Notification[] };
  const stub = new StubServer({
    'workspace.show': () => ({ kept: true, folder: '/w/.mlops', root: '/w' }),
    'notification.find': () => ({ items: page.messages, total: page.messages.length }),
    'job.find': () => ({ items: [], total: 0 }),
    'job.get': ({ job: id }: { job: string }) => job({ id })
  });
  const [app, watch, panel] = [new FakeApp(), new Watch(stub), new FakePanel()];
  activated(jobsPlugin, app, stub, watch, panel, null, translator, null);
  activated(notificationsPlugin, app, stub, watch, translator, settings);
  return { app, page, panel, stub, watch };
}

const asked = (stub: StubServer): number => stub.times('notification.find');
const seconds = (count: number) => jest.advanceTimersByTimeAsync(count * 1000);
const hide = (hidden: boolean): void => {
  jest.spyOn(document, 'visibilityState', 'get').mockReturnValue(hidden ? 'hidden' : 'visible');
  document.dispatchEvent(new Event('visibilitychange'));
};

beforeEach(() => {
  jest.useFakeTimers();
  emitted.length = 0;
  window.localStorage.clear();
});

afterEach(() => {
  hide(false);
  jest.clearAllTimers();
  jest.useRealTimers();
});

test('a message is shown, and its button opens the jobs at its job', async () => {
  const { app, page, panel, stub } = opened();
  page.messages = [notification('train.ipynb failed', { made: new Date().toISOString(), subject: 'j1' })];
  await seconds(1);
  expect(emitted).toMatchObject([
    { message: 'train.ipynb failed\nValueError: no', type: 'error', autoClose: false }
  ]);
  const [action] = emitted[0]?.actions ?? [];
  expect(action?.label).toBe('Open the job');
  action?.callback();
  await seconds(0);
  expect(panel.revealed).toEqual(panel.sections);
  expect(stub.asked.find(([name]) => name === 'job.get')?.[1]).toEqual({ job: 'j1' });
  expect(app.commands.all.has(CommandIds.showJobs)).toBe(true);
});

test('many lead to the jobs, and a message that tries the channel out leads nowhere', async () => {
  const { page, panel, stub } = opened();
  const made = new Date().toISOString();
  page.messages = [notification('tried', { made, subject: '', occasion: null })];
  await seconds(1);
  page.messages = Array.from({ length: 6 }, (_, index) => notification(`m${index}`, { made }));
  await seconds(20);
  expect(emitted.map(({ actions }) => actions.map(({ label }) => label))).toEqual([[], ['Show the jobs']]);
  emitted[1]?.actions[0]?.callback();
  await seconds(0);
  expect(panel.revealed).toHaveLength(1);
  expect(stub.times('job.get')).toBe(0);
});

test('it is asked every twenty seconds, and at once for the notebook that comes to the front', async () => {
  const { stub, watch } = opened();
  await seconds(1);
  expect(asked(stub)).toBe(1);
  await seconds(18);
  expect(asked(stub)).toBe(1);
  await seconds(3);
  expect(asked(stub)).toBe(2);
  watch.moveTo('air/a.ipynb');
  await seconds(1);
  expect(stub.asked.filter(([name]) => name === 'notification.find').at(-1)?.[2]).toBe('air/a.ipynb');
});

test('nothing is asked for a page that is hidden', async () => {
  const { stub } = opened();
  await seconds(1);
  hide(true);
  await seconds(300);
  expect(asked(stub)).toBe(1);
  hide(false);
  await seconds(21);
  expect(asked(stub)).toBe(2);
});

test('a server that says no shows nothing and is asked less often', async () => {
  jest.spyOn(Math, 'random').mockReturnValue(0.5);
  const { stub } = opened();
  delete stub.answers['notification.find'];
  await seconds(1200);
  expect(asked(stub)).toBeLessThan(15); // and not 60 times
  expect(asked(stub)).toBeGreaterThan(5);
  expect(emitted).toEqual([]);
});

test('who turns it off is not asked for, and who turns it on again is', async () => {
  const settings = new FakeSettings();
  settings.turn(false);
  const { stub, watch } = opened(settings);
  watch.moveTo('air/a.ipynb');
  await seconds(60);
  expect(asked(stub)).toBe(0);
  settings.turn(true);
  await seconds(1);
  expect(asked(stub)).toBe(1);
  settings.turn(false);
  await seconds(60);
  expect(asked(stub)).toBe(1);
});
