/** A state in a sign and a word; the colour only repeats them. */

import type {
  DocumentState,
  Grade,
  JobStatus,
  Outcome,
  ReviewStatus,
  Run,
  RunStatus,
  RunTrust
} from '../wire';
import { copyingMark } from './copying';
import { h, type Child, type Drawn } from './draw';
import { absolute, ago, shortDigest, shortId, type Setting, type Translation } from './words';

export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'plain';

interface Face {
  readonly sign: string;
  readonly tone: Tone;
}

const RUN: Readonly<Record<RunStatus, Face>> = {
  running: { sign: '◌', tone: 'busy' },
  finished: { sign: '●', tone: 'good' },
  failed: { sign: '✕', tone: 'bad' },
  cancelled: { sign: '◼', tone: 'plain' },
  lost: { sign: '?', tone: 'bad' }
};
const GRADE: Readonly<Record<Grade, Face>> = {
  clean: { sign: '✓', tone: 'good' },
  reordered: { sign: '⇅', tone: 'warn' },
  stale: { sign: '⚠', tone: 'warn' },
  unknown: { sign: '?', tone: 'plain' }
};
const DOCUMENT: Readonly<Record<DocumentState, Face>> = {
  saved: { sign: '✓', tone: 'good' },
  unsaved: { sign: '✎', tone: 'warn' },
  orphaned: { sign: '⚠', tone: 'warn' },
  unknown: { sign: '?', tone: 'plain' }
};
const JOB: Readonly<Record<JobStatus, Face>> = {
  queued: { sign: '▢', tone: 'plain' },
  claimed: { sign: '◌', tone: 'busy' },
  starting: { sign: '◌', tone: 'busy' },
  running: { sign: '◧', tone: 'busy' },
  succeeded: { sign: '●', tone: 'good' },
  failed: { sign: '✕', tone: 'bad' },
  cancelled: { sign: '◼', tone: 'plain' },
  timed_out: { sign: '⏱', tone: 'bad' },
  lost: { sign: '?', tone: 'bad' }
};
const REVIEW: Readonly<Record<ReviewStatus, Face>> = {
  open: { sign: '○', tone: 'busy' },
  approved: { sign: '✓', tone: 'good' },
  rejected: { sign: '✕', tone: 'bad' },
  withdrawn: { sign: '◼', tone: 'plain' },
  expired: { sign: '⏱', tone: 'plain' },
  lapsed: { sign: '⚠', tone: 'warn' }
};
const OUTCOME: Readonly<Record<Outcome, Face>> = {
  passed: { sign: '✓', tone: 'good' },
  failed: { sign: '✕', tone: 'bad' },
  unknown: { sign: '?', tone: 'warn' }
};

/** The word beside the state of a run that lists leave out; empty for any other. */
export function putAway(run: Run, trans: Translation): string {
  if (run.deleted !== null) {
    return trans.__('deleted');
  }
  return run.archived ? trans.__('archived') : '';
}

/** The words of every state, where the translator finds them. */
function wordOf(state: string, trans: Translation): string {
  const words: Readonly<Record<string, string>> = {
    running: trans.__('running'),
    finished: trans.__('finished'),
    failed: trans.__('failed'),
    cancelled: trans.__('cancelled'),
    lost: trans.__('lost'),
    clean: trans.__('clean'),
    reordered: trans.__('reordered'),
    stale: trans.__('stale'),
    unknown: trans.__('unknown'),
    saved: trans.__('saved'),
    unsaved: trans.__('unsaved'),
    orphaned: trans.__('orphaned'),
    queued: trans.__('queued'),
    claimed: trans.__('starting'),
    starting: trans.__('starting'),
    succeeded: trans.__('succeeded'),
    timed_out: trans.__('timed out'),
    open: trans.__('open'),
    approved: trans.__('approved'),
    rejected: trans.__('rejected'),
    withdrawn: trans.__('withdrawn'),
    expired: trans.__('expired'),
    lapsed: trans.__('lapsed'),
    passed: trans.__('passed')
  };
  return words[state] ?? state;
}

export function badge(sign: string, word: string, tone: Tone, title = ''): Drawn {
  return h(
    'span',
    { class: `jmlops-badge jmlops-${tone}`, title: title || undefined },
    h('span', { class: 'jmlops-sign', 'aria-hidden': 'true' }, sign),
    ' ',
    word
  );
}

/** Only the sign; the word is there for a screen reader and under the pointer. It beats while work is done. */
function dot(face: Face, word: string, beats = false): Drawn {
  const pulse = beats && face.tone === 'busy' ? ' jmlops-pulse' : '';
  return h(
    'span',
    {
      class: `jmlops-sign jmlops-dot jmlops-${face.tone}${pulse}`,
      role: 'img',
      'aria-label': word,
      title: word
    },
    face.sign
  );
}

export const runDot = (status: RunStatus, trans: Translation): Drawn =>
  dot(RUN[status], wordOf(status, trans), true);
export const jobDot = (status: JobStatus, trans: Translation): Drawn =>
  dot(JOB[status], wordOf(status, trans), true);
export const reviewDot = (status: ReviewStatus, trans: Translation): Drawn =>
  dot(REVIEW[status], wordOf(status, trans));

export const jobWord = (status: JobStatus, trans: Translation): string => wordOf(status, trans);
export const reviewWord = (status: ReviewStatus, trans: Translation): string => wordOf(status, trans);

const faced = (face: Face, state: string, trans: Translation): Drawn =>
  badge(face.sign, wordOf(state, trans), face.tone);

export const runBadge = (status: RunStatus, trans: Translation): Drawn => faced(RUN[status], status, trans);
export const runWord = (status: RunStatus, trans: Translation): string => wordOf(status, trans);
export const gradeBadge = (grade: Grade, trans: Translation, reason = ''): Drawn =>
  badge(
    GRADE[grade].sign,
    grade === 'unknown' ? trans.__('grade unknown') : wordOf(grade, trans),
    GRADE[grade].tone,
    reason || trans.__('How far the cells this run rests on can be trusted to say what happened')
  );
/** A run's grade with the state of its notebook beside it, where that is known. */
export const trustBadges = (run: RunTrust, trans: Translation): Child => [
  gradeBadge(run.grade, trans, run.grade_reason),
  run.document === 'unknown' ? null : [' ', documentBadge(run.document, trans)]
];
export const reviewBadge = (status: ReviewStatus, trans: Translation): Drawn =>
  faced(REVIEW[status], status, trans);
export const outcomeFace = (outcome: Outcome): Face => OUTCOME[outcome];
export const outcomeWord = (outcome: Outcome, trans: Translation): string => wordOf(outcome, trans);

export function documentBadge(state: DocumentState, trans: Translation): Drawn {
  const titles: Readonly<Record<DocumentState, string>> = {
    saved: trans.__('What ran stands in the saved notebook'),
    unsaved: trans.__('What ran was not in the notebook when it was saved'),
    orphaned: trans.__('A cell this run rests on is gone from the notebook'),
    unknown: trans.__('Nobody could tell whether the saved notebook still says what ran')
  };
  return badge(
    DOCUMENT[state].sign,
    trans.__('notebook %1', wordOf(state, trans)),
    DOCUMENT[state].tone,
    titles[state]
  );
}

/** "3 min ago", with the absolute time under the pointer. */
export function when(moment: string, setting: Setting): Drawn {
  return h('time', { datetime: moment, title: absolute(moment), class: 'jmlops-when' }, ago(moment, setting));
}

/** Six characters that copy as the whole. */
export function idMark(whole: string, trans: Translation, kind: 'id' | 'digest' = 'id'): Drawn {
  return copyingMark(kind === 'id' ? shortId(whole) : shortDigest(whole), whole, trans);
}
