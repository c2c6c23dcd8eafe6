import { drawJobs } from '../../views/jobs';
import { counts, stateOf, sweepName, tallyText } from '../../views/sweep';
import { untranslated } from '../../views/words';
import type { Job, Sweep, SweepReport, SweepRow, Tally } from '../../wire';
import { job } from '../samples';

const setting = { trans: untranslated };
const plan = {
  axes: {
    alpha: { type: 'Span', low: 0.1, high: 1, log: false, step: null, whole: false },
    n: { type: 'Choices', values: [9] },
    depth: { type: 'Choices', values: [4, 8] }
  },
  goal: { metric: 'mae', direction: 'lower' }
} as unknown as Sweep;
const tally: Tally = {
  trials: 32,
  succeeded: 14,
  failed: 1,
  stopped: 2,
  running: 2,
  best: { job: 'j1', value: 39.81, parameters: { alpha: 0.1, depth: 8 } },
  left: 185
};
const swept = (more: Partial<Job> = {}): Job =>
  job({ tally, ...more, spec: { ...job().spec, name: 'train', sweep: plan } });
const row = (more: Partial<SweepRow>): SweepRow => ({
  parameters: { alpha: 0.1 },
  job: 'j1',
  run: 'r1',
  status: 'succeeded',
  grade: 'clean',
  metrics: {},
  error: null,
  number: 0,
  value: null,
  stopped: false,
  ...more
});
const report = (...rows: SweepRow[]): SweepReport =>
  ({ run: 'r', job: 's', status: 'running', metric: 'mae', tally, rows }) as unknown as SweepReport;

function shown(record: Parameters<typeof drawJobs>[1], callbacks = {}): HTMLElement {
  const element = document.createElement('div');
  drawJobs(element, record, { ...setting, ...callbacks });
  return element;
}

test('a sweep is named by what its trials differ in, and another job is not', () => {
  expect(sweepName(swept(), setting)).toBe('sweep alpha × depth');
  expect(sweepName(job(), setting)).toBeNull();
});

test('how far it is stands in a line, with what is to come and the best', () => {
  expect(tallyText(tally, 'mae', setting)).toBe(
    '14 done · 2 stopped early · 1 failed · 2 running · 13 to come · about 3 min 5 s left · best mae 39.81 (alpha 0.1, depth 8)'
  );
  const none: Tally = { ...tally, succeeded: 0, failed: 0, stopped: 0, running: 0, best: null, left: null };
  expect(tallyText(none, '', setting)).toBe('0 done · 32 to come');
});

test('there is a square for each trial', () => {
  expect(counts(tally).reduce((sum, [, count]) => sum + count, 0)).toBe(32);
  const text = shown({ jobs: [swept()], total: 1 }).querySelector('.jmlops-strip')?.textContent;
  expect(text).toBe('▣'.repeat(14) + '◩'.repeat(2) + '✕' + '◧'.repeat(2) + '▢'.repeat(13));
});

test('its trials are shown on demand, and each opens its run', () => {
  const asked: string[] = [];
  const opened: string[] = [];
  const callbacks = {
    trials: (one: string) => asked.push(one),
    openRun: (run: string) => opened.push(run)
  };
  const closed = shown({ jobs: [swept({ id: 's' })], total: 1 }, callbacks);
  const button = [...closed.querySelectorAll('button')].find(
    ({ textContent }) => textContent === 'Show trials'
  );
  expect(button?.getAttribute('aria-expanded')).toBe('false');
  button?.click();
  expect(asked).toEqual(['s']);

  const rows = [
    row({ value: 39.81 }),
    row({ number: 1, job: 'j2', run: 'r2', parameters: { alpha: '<b>' }, status: 'failed',
      error: { kind: 'ValueError', message: 'no' } as SweepRow['error'] }),
    row({ number: 2, job: 'j3', run: null, status: 'queued' })
  ]; // prettier-ignore
  const trials = new Map([['s', report(...rows)]]);
  const open = shown({ jobs: [swept({ id: 's' })], total: 1, trials }, callbacks);
  const lines = [...open.querySelectorAll('.jmlops-trials li')];
  expect(lines.map(({ textContent }) => textContent)).toEqual([
    '▣alpha 0.1mae 39.81 ★',
    '✕alpha <b>ValueError: no',
    '▢alpha 0.1'
  ]);
  lines[1]?.querySelector('button')?.click();
  expect(opened).toEqual(['r2']);
  expect(lines[2]?.querySelector('button')).toBeNull();
});

test('a sweep that has begun nothing says so', () => {
  const trials = new Map([['s', report()]]);
  const element = shown({ jobs: [swept({ id: 's' })], total: 1, trials });
  expect(element.textContent).toContain('No trial has begun.');
});

test('what did not succeed can be gone on with, and no remedy is looked for', () => {
  const retry = jest.fn();
  const element = shown(
    { jobs: [swept({ id: 's', status: 'failed', ended: '2026-01-05T12:00:00Z' })], total: 1 },
    { retry, fix: jest.fn() }
  );
  const words = [...element.querySelectorAll('button')].map(({ textContent }) => textContent);
  expect(words).toContain('Go on with train');
  expect(words).not.toContain('Look for a remedy');
});

test.each([
  [{ status: 'succeeded' }, 'done'],
  [{ status: 'cancelled', stopped: true }, 'stopped'],
  [{ status: 'cancelled' }, 'failed'],
  [{ status: 'queued' }, 'waiting'],
  [{ status: 'claimed' }, 'waiting'],
  [{ status: 'running' }, 'running']
] as const)('a trial that is %j is %s', (more, state) => {
  expect(stateOf(row(more))).toBe(state);
});
