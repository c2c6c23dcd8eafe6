/** A sweep in the list of jobs: how far it is, and on demand each trial as a square that opens its run. */

import type { Job, SweepReport, SweepRow, Tally } from '../wire';
import { h, type Child, type Drawn } from './draw';
import { duration, numberOf, shortNumber, type Setting } from './words';

export interface SweepCallbacks extends Setting {
  readonly openRun?: (run: string) => void;
  /** Show or hide the trials of a sweep. */
  readonly trials?: (job: string) => void;
}

export type TrialState = 'done' | 'running' | 'stopped' | 'failed' | 'waiting';

const SIGNS: Readonly<Record<TrialState, string>> = {
  done: '▣',
  running: '◧',
  stopped: '◩',
  failed: '✕',
  waiting: '▢'
};
const LONGEST = 200;
const LATER = new Set<SweepRow['status']>(['queued', 'claimed']);
const BUSY = new Set<SweepRow['status']>(['starting', 'running']);

/** What differs between its trials, as “sweep alpha × depth”; null for a job that is no sweep. */
export function sweepName(job: Job, { trans }: Setting): string | null {
  const { sweep } = job.spec;
  if (!sweep) {
    return null;
  }
  const varying = Object.entries(sweep.axes)
    .filter(([, axis]) => axis.type === 'Span' || axis.values.length > 1)
    .map(([name]) => name);
  return trans.__('sweep %1', varying.join(' × '));
}

const given = (parameters: Readonly<Record<string, unknown>>): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');

/** How many trials are where, in the order in which squares stand. */
export function counts(tally: Tally): readonly (readonly [TrialState, number])[] {
  const begun = tally.succeeded + tally.stopped + tally.failed + tally.running;
  return [
    ['done', tally.succeeded],
    ['stopped', tally.stopped],
    ['failed', tally.failed],
    ['running', tally.running],
    ['waiting', Math.max(0, tally.trials - begun)]
  ];
}

/** “14 done · 2 running · 1 failed · 15 to come · about 3 min left · best mae 39.8 (alpha 0.1)”. */
export function tallyText(tally: Tally, metric: string, setting: Setting): string {
  const { trans } = setting;
  const words: Readonly<Record<TrialState, string>> = {
    done: trans.__('done'),
    running: trans.__('running'),
    stopped: trans.__('stopped early'),
    failed: trans.__('failed'),
    waiting: trans.__('to come')
  };
  const parts = counts(tally)
    .filter(([state, count]) => count > 0 || state === 'done')
    .map(([state, count]) => `${String(count)} ${words[state]}`);
  if (tally.left !== null) {
    parts.push(trans.__('about %1 left', duration(numberOf(tally.left), trans)));
  }
  if (tally.best) {
    const among = given(tally.best.parameters);
    parts.push(trans.__('best %1 %2', metric, shortNumber(tally.best.value)) + (among ? ` (${among})` : ''));
  }
  return parts.join(' · ');
}

/** The lines of a sweep below its name. */
export function sweepLines(job: Job, report: SweepReport | undefined, callbacks: SweepCallbacks): Child {
  const { tally } = job;
  if (!job.spec.sweep || !tally) {
    return null;
  }
  const { trans, trials } = callbacks;
  return [
    h(
      'div',
      { key: 'tally', class: 'jmlops-aside' },
      tallyText(tally, job.spec.sweep.goal?.metric ?? '', callbacks)
    ),
    report ? eachTrial(report, callbacks) : inSum(tally, callbacks),
    trials
      ? h(
          'button',
          {
            key: 'trials',
            type: 'button',
            class: 'jmlops-quiet',
            'aria-expanded': report ? 'true' : 'false',
            on: {
              click: () => {
                trials(job.id);
              }
            }
          },
          report ? trans.__('Hide trials') : trans.__('Show trials')
        )
      : null
  ];
}

function inSum(tally: Tally, { trans }: Setting): Child {
  if (tally.trials > LONGEST) {
    return null;
  }
  return h(
    'div',
    { key: 'squares', class: 'jmlops-strip' },
    h(
      'span',
      { role: 'img', 'aria-label': trans.__('%1 of %2 trials done', tally.succeeded, tally.trials) },
      counts(tally).map(([state, count]) =>
        h('span', { class: `jmlops-square-${state}` }, SIGNS[state].repeat(count))
      )
    )
  );
}

export function stateOf(row: SweepRow): TrialState {
  if (row.stopped) {
    return 'stopped';
  }
  if (LATER.has(row.status)) {
    return 'waiting';
  }
  if (BUSY.has(row.status)) {
    return 'running';
  }
  return row.status === 'succeeded' ? 'done' : 'failed';
}

function eachTrial(report: SweepReport, callbacks: SweepCallbacks): Child {
  const rows = report.rows.slice(0, LONGEST);
  const best = report.tally?.best?.job;
  const { trans } = callbacks;
  if (rows.length === 0) {
    return h('p', { key: 'none', class: 'jmlops-aside' }, trans.__('No trial has begun.'));
  }
  return [
    h(
      'ol',
      { key: 'trials', class: 'jmlops-trials', start: String(rows[0]?.number ?? 0) },
      rows.map(row =>
        h('li', { key: row.job, value: String(row.number) }, trial(row, report, best, callbacks))
      )
    ),
    report.rows.length > LONGEST
      ? h(
          'p',
          { key: 'more', class: 'jmlops-aside' },
          trans.__('The first %1 of %2.', LONGEST, report.rows.length)
        )
      : null
  ];
}

function trial(
  row: SweepRow,
  report: SweepReport,
  best: string | undefined,
  { trans, openRun }: SweepCallbacks
): Drawn {
  const { run, error } = row;
  const state = stateOf(row);
  const value =
    row.value === null ? '' : `${report.metric} ${shortNumber(row.value)}${row.job === best ? ' ★' : ''}`;
  const why = error ? (row.stopped ? error.message : `${error.kind}: ${error.message}`) : '';
  const square = h('span', { class: `jmlops-square-${state}`, 'aria-hidden': 'true' }, SIGNS[state]);
  const name = given(row.parameters) || trans.__('trial %1', row.number);
  return h(
    'span',
    { class: 'jmlops-item-line' },
    square,
    openRun && run !== null
      ? h(
          'button',
          {
            type: 'button',
            class: 'jmlops-link jmlops-name',
            title: why,
            on: {
              click: () => {
                openRun(run);
              }
            }
          },
          name
        )
      : h('span', { class: 'jmlops-name' }, name),
    h('span', { class: 'jmlops-aside jmlops-end-of-line' }, [value, why].filter(Boolean).join(' · '))
  );
}
