/** Jobs: what each is doing, cell by cell, and what went wrong. */

import type { Failure, Fix, Job, SweepReport } from '../wire';
import { idMark, jobDot, jobWord, trustBadges, when } from './badge';
import { draw, h, type Child, type Drawn } from './draw';
import { fold } from './facts';
import { emptyState, failureState, loadingState } from './notice';
import { sweepLines, sweepName, type SweepCallbacks } from './sweep';
import { absolute, duration, nowOf } from './words';

export interface JobsRecord {
  readonly jobs?: readonly Job[];
  readonly total: number;
  /** What was found to help, by job. */
  readonly fixes?: ReadonlyMap<string, Fix>;
  /** The trials of sweeps whose trials are shown. */
  readonly trials?: ReadonlyMap<string, SweepReport>;
  readonly failure?: Failure | null;
  readonly refusal?: Failure | null;
}

export interface JobsCallbacks extends SweepCallbacks {
  readonly cancel?: (job: string) => void;
  readonly retry?: (job: string) => void;
  readonly fix?: (job: string, apply: boolean) => void;
  readonly more?: () => void;
}

const ACTIVE = new Set<Job['status']>(['queued', 'claimed', 'starting', 'running']);
const FAILED = new Set<Job['status']>(['failed', 'timed_out', 'lost']);
const LONGEST_STRIP = 60;

export const isActive = (job: Job): boolean => ACTIVE.has(job.status);

/** Draw jobs into *element*, newest first. */
export function drawJobs(element: Element, record: JobsRecord, callbacks: JobsCallbacks): void {
  draw(element, h('div', { class: 'jmlops jmlops-jobs' }, content(record, callbacks)));
}

function content(record: JobsRecord, callbacks: JobsCallbacks): Child {
  const { trans, more } = callbacks;
  if (record.failure && !record.jobs) {
    return failureState(record.failure);
  }
  if (!record.jobs) {
    return loadingState(trans);
  }
  if (record.jobs.length === 0 && !record.failure && !record.refusal) {
    return emptyState(
      trans.__('No jobs yet.'),
      trans.__('“Run as job” in a notebook’s toolbar starts one; or in a terminal:'),
      'jupyter mlops run notebook.ipynb'
    );
  }
  const trouble = record.failure ?? record.refusal;
  return [
    trouble ? h('div', { key: 'trouble' }, failureState(trouble)) : null,
    h(
      'ul',
      { key: 'jobs', class: 'jmlops-rows', 'aria-label': trans.__('Jobs') },
      record.jobs.map(job =>
        h(
          'li',
          // A message about a job leads the focus to it.
          { key: job.id, class: 'jmlops-item', 'data-job': job.id, tabindex: '-1' },
          row(job, callbacks, record.fixes?.get(job.id), record.trials?.get(job.id))
        )
      )
    ),
    more && record.total > record.jobs.length
      ? h('button', { type: 'button', class: 'jmlops-button', on: { click: more } }, trans.__('Show more'))
      : null
  ];
}

function row(job: Job, callbacks: JobsCallbacks, fix?: Fix, trials?: SweepReport): Drawn {
  const { trans, openRun, cancel } = callbacks;
  const { run } = job;
  const sweep = sweepName(job, callbacks);
  const title = job.spec.name || job.spec.notebook.split('/').pop() || job.spec.notebook;
  return h(
    'div',
    { class: 'jmlops-item-body' },
    h(
      'div',
      { class: 'jmlops-item-line jmlops-item-title' },
      jobDot(job.status, trans),
      openRun && run !== null
        ? h(
            'button',
            {
              type: 'button',
              class: 'jmlops-link jmlops-name',
              title: job.spec.notebook,
              on: {
                click: () => {
                  openRun(run);
                }
              }
            },
            title
          )
        : h('span', { class: 'jmlops-name', title: job.spec.notebook }, title),
      h('span', { class: 'jmlops-aside jmlops-end-of-line' }, when(job.queued, callbacks))
    ),
    h(
      'div',
      { class: 'jmlops-item-line jmlops-aside' },
      h('span', {}, jobWord(job.status, trans)),
      sweep === null ? null : h('span', {}, sweep),
      job.trust ? h('span', {}, trustBadges(job.trust, trans)) : null,
      idMark(job.id, trans),
      took(job, callbacks),
      job.attempt > 1 ? h('span', {}, trans.__('attempt %1', job.attempt)) : null,
      isActive(job) && cancel
        ? h(
            'button',
            {
              type: 'button',
              class: 'jmlops-quiet jmlops-end-of-line',
              disabled: job.cancel,
              on: {
                click: () => {
                  cancel(job.id);
                }
              }
            },
            job.cancel ? trans.__('Stopping…') : trans.__('Cancel %1', title)
          )
        : null
    ),
    strip(job, callbacks),
    sweepLines(job, trials, callbacks),
    waiting(job, callbacks),
    warned(job),
    whatWentWrong(job, callbacks),
    whatHelps(job, title, callbacks, fix),
    earlier(job, callbacks)
  );
}

/** A job that is tried again by itself waits for that. */
function waiting(job: Job, setting: JobsCallbacks): Child {
  if (job.status !== 'queued' || !job.not_before) {
    return null;
  }
  const seconds = Math.max(0, (Date.parse(job.not_before) - nowOf(setting)) / 1000);
  return h(
    'div',
    { class: 'jmlops-aside', title: absolute(job.not_before) },
    setting.trans.__('Tried again in %1', duration(seconds, setting.trans))
  );
}

/** Another try of a job that did not succeed, and a look for what would help it: shown first, done on demand. */
function whatHelps(job: Job, title: string, { trans, retry, fix: ask }: JobsCallbacks, fix?: Fix): Child {
  if (isActive(job) || job.status === 'succeeded') {
    return null;
  }
  const button = (text: string, press: () => void): Drawn =>
    h('button', { type: 'button', class: 'jmlops-quiet', on: { click: press } }, text);
  const again = retry
    ? button(job.spec.sweep ? trans.__('Go on with %1', title) : trans.__('Try %1 again', title), () => {
        retry(job.id);
      })
    : null;
  const look =
    ask && FAILED.has(job.status) && !job.spec.sweep && !fix
      ? button(trans.__('Look for a remedy'), () => {
          ask(job.id, false);
        })
      : null;
  return [
    again || look ? h('div', { class: 'jmlops-item-line' }, again, look) : null,
    fix ? remedy(fix, { trans, fix: ask }) : null
  ];
}

function remedy(fix: Fix, { trans, fix: ask }: JobsCallbacks): Drawn {
  if (fix.steps.length === 0) {
    return h('p', { role: 'status', class: 'jmlops-aside' }, trans.__('No safe remedy is known.'));
  }
  return h(
    'div',
    { role: 'status' },
    trans.__('This would help; nothing of it has been done:'),
    h(
      'ol',
      {},
      fix.steps.map(step => h('li', {}, step))
    ),
    ask
      ? h(
          'button',
          {
            type: 'button',
            class: 'jmlops-button',
            on: {
              click: () => {
                ask(fix.job, true);
              }
            }
          },
          trans.__('Do it')
        )
      : null
  );
}

/** How the attempts before this one ended, behind a click. */
function earlier(job: Job, { trans }: JobsCallbacks): Child {
  const past = job.attempts ?? [];
  const lines = past.map(one =>
    h(
      'li',
      { value: String(one.number) },
      one.error
        ? `${jobWord(one.status, trans)}: ${one.error.kind}: ${one.error.message}`
        : jobWord(one.status, trans)
    )
  );
  return past.length > 0 ? fold(trans.__('Earlier attempts'), String(past.length), h('ol', {}, lines)) : null;
}

function took(job: Job, setting: JobsCallbacks): Child {
  if (job.started === null) {
    return null;
  }
  const end = job.ended === null ? nowOf(setting) : Date.parse(job.ended);
  return h('span', {}, duration(Math.max(0, (end - Date.parse(job.started)) / 1000), setting.trans));
}

export type Square = 'done' | 'running' | 'failed' | 'waiting';

/** One square for each code cell. */
export function squares(job: Job): readonly Square[] {
  const { progress } = job;
  if (!progress || progress.total === 0) {
    return [];
  }
  // Of a cancelled job no cell has failed: it was left where it stood.
  const left = job.status === 'cancelled' ? 'waiting' : 'failed';
  const here = isActive(job) ? 'running' : left;
  return Array.from({ length: progress.total }, (_, index) => {
    if (job.status === 'succeeded' || index < progress.index) {
      return 'done';
    }
    if (index > progress.index) {
      return 'waiting';
    }
    return here;
  });
}

function strip(job: Job, { trans }: JobsCallbacks): Child {
  const all = squares(job);
  const { progress } = job;
  if (!progress || all.length === 0) {
    return null;
  }
  const signs: Readonly<Record<Square, string>> = { done: '▣', running: '◧', failed: '✕', waiting: '▢' };
  const done = all.filter(square => square === 'done').length;
  return h(
    'div',
    { class: 'jmlops-strip' },
    all.length > LONGEST_STRIP
      ? h('span', { key: 'count' }, trans.__('%1 of %2 cells', done, all.length))
      : h(
          'span',
          { key: 'squares', role: 'img', 'aria-label': trans.__('%1 of %2 cells done', done, all.length) },
          all.map(square => h('span', { class: `jmlops-square-${square}` }, signs[square]))
        ),
    isActive(job) && progress.source
      ? h('code', { class: 'jmlops-name jmlops-aside', title: progress.source }, progress.source)
      : null
  );
}

/** What is to be known of a job although it is no failure. */
const warned = (job: Job): Child =>
  job.warnings.map(warning =>
    h(
      'div',
      { class: 'jmlops-aside', key: warning },
      h('span', { class: 'jmlops-sign jmlops-warn', 'aria-hidden': 'true' }, '⚠'),
      ' ',
      warning
    )
  );

function whatWentWrong(job: Job, { trans }: JobsCallbacks): Child {
  const { error } = job;
  if (!error) {
    return null;
  }
  return h(
    'div',
    { class: 'jmlops-trouble' },
    h('strong', {}, error.kind),
    error.index === null ? ': ' : ` (${trans.__('cell %1', error.index + 1)}): `,
    error.message,
    error.remedy ? h('div', { class: 'jmlops-aside' }, error.remedy) : null
  );
}
