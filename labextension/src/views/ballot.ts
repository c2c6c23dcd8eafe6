/** The decision: buttons while it is open, afterwards what came of it. */

import type { Failure, Review, Verdict } from '../wire';
import { h, type Child, type Drawn } from './draw';
import { failureState } from './notice';
import type { Setting, Translation } from './words';

/** `server`: the browser asks the server, in the name it is signed in with; `closed`: the policy wants that, and there is no way. */
export type Door = 'kernel' | 'server' | 'closed';

export interface ReviewRecord {
  readonly review: Review;
  readonly busy?: boolean;
  readonly failure?: Failure | null;
  /** Nobody listens behind the buttons: a saved notebook, a kernel that is gone. */
  readonly frozen?: boolean;
  /** Somebody was asked to enter a decision and has not answered. */
  readonly silent?: boolean;
  /** In whose name a decision is entered. */
  readonly actor?: string;
  /** Through which door it goes: the kernel's, or the server's because the policy counts no other. */
  readonly door?: Door;
}

export interface ReviewCallbacks extends Setting {
  readonly decide?: (verdict: Verdict, comment: string) => void;
  readonly openRun?: (run: string) => void;
}

export const approvalsOf = (review: Review): number =>
  review.decisions.filter(decision => decision.counts && decision.verdict === 'approve').length;

/** What approving would do, in words, before anybody does it. */
export function effect(review: Review, trans: Translation): string {
  const { champion } = review.evidence;
  const missing = review.required - approvalsOf(review) - 1;
  if (missing > 0) {
    return trans._n(
      'approving counts; one more approval then moves %2 to %3',
      'approving counts; %1 more approvals then move %2 to %3',
      missing,
      review.alias,
      review.version
    );
  }
  return champion
    ? trans.__('approving will move %1 from %2 to %3', review.alias, champion.version, review.version)
    : trans.__('approving will set %1 to %2; there is none yet', review.alias, review.version);
}

function verdictSentence(review: Review, trans: Translation): string {
  const { champion } = review.evidence;
  switch (review.status) {
    case 'approved':
      return champion
        ? trans.__('Approved: %1 moved from %2 to %3.', review.alias, champion.version, review.version)
        : trans.__('Approved: %1 is now %2.', review.alias, `${review.model}:${review.version}`);
    case 'rejected':
      return trans.__('Rejected: %1 stays where it is.', review.alias);
    case 'withdrawn':
      return trans.__('Withdrawn: nothing was moved.');
    case 'expired':
      return trans.__('Expired: nothing was moved.');
    case 'lapsed':
      return trans.__('Lapsed: open a new review to decide on the present evidence.');
    case 'open':
      return '';
  }
}

export function outcome(record: ReviewRecord, callbacks: ReviewCallbacks): Drawn {
  const { review } = record;
  const { trans } = callbacks;
  if (review.status !== 'open') {
    return h(
      'footer',
      { class: 'jmlops-outcome', role: 'status', tabindex: -1, key: 'outcome' },
      h('strong', {}, verdictSentence(review, trans)),
      review.status !== 'lapsed' && review.reason ? ` ${review.reason}` : null
    );
  }
  const { decide } = callbacks;
  return h(
    'footer',
    { class: 'jmlops-decide', key: 'decide', 'aria-busy': record.busy === true ? 'true' : undefined },
    decide && record.frozen !== true && record.silent !== true && record.door !== 'closed'
      ? ballot(record, decide, trans)
      : unattended(record, trans),
    record.failure ? failureState(record.failure) : null
  );
}

function ballot(
  record: ReviewRecord,
  decide: (verdict: Verdict, comment: string) => void,
  trans: Translation
): Child {
  const busy = record.busy === true;
  const own = barred(record);
  const button = (verdict: Verdict, word: string, kind: string): Drawn =>
    h(
      'button',
      {
        type: 'button',
        class: `jmlops-button ${kind}`,
        disabled: busy || (own && verdict === 'approve'),
        title: own && verdict === 'approve' ? record.review.rules : undefined,
        'data-verdict': verdict,
        on: {
          click: event => {
            decide(verdict, commentNear(event));
          }
        }
      },
      word
    );
  return [
    h(
      'label',
      { class: 'jmlops-field' },
      h('span', {}, trans.__('Comment')),
      h('textarea', { rows: 2, class: 'jmlops-input', name: 'comment', disabled: busy })
    ),
    h(
      'div',
      { class: 'jmlops-buttons' },
      button('approve', trans.__('Approve'), 'jmlops-primary'),
      button('reject', trans.__('Reject'), ''),
      button('abstain', trans.__('Abstain'), ''),
      h(
        'span',
        { class: 'jmlops-aside', role: 'status' },
        busy
          ? trans.__('Recording the decision…')
          : own
            ? trans.__('%1 made this version, so somebody else has to approve it.', record.actor ?? '')
            : effect(record.review, trans),
        busy ? null : ` · ${signature(record, trans)}`
      ),
      own && record.review.rules ? h('span', { class: 'jmlops-aside' }, record.review.rules) : null
    )
  ];
}

/** Whether the policy refuses an approval by whoever would decide here. */
const barred = ({ review, actor }: ReviewRecord): boolean =>
  actor !== undefined && review.barred.some(name => name.toLowerCase() === actor.toLowerCase());

/** In whose name, and through which door. */
function signature({ actor, door }: ReviewRecord, trans: Translation): string {
  if (door === 'server') {
    return trans.__(
      'the policy counts decisions the server knows: your browser sends this one there, in the name you are signed in with'
    );
  }
  return actor ? trans.__('deciding as %1', actor) : trans.__('deciding here');
}

function commentNear(event: Event): string {
  const footer = event.currentTarget instanceof Element ? event.currentTarget.closest('footer') : null;
  return footer?.querySelector('textarea')?.value.trim() ?? '';
}

function unattended({ review, silent, door }: ReviewRecord, trans: Translation): Child {
  if (door === 'closed') {
    return [
      h(
        'p',
        {},
        trans.__(
          'The policy counts only decisions that come through the Jupyter server, and this place has no way to it: decide in JupyterLab’s MLOps panel, or in this notebook opened in JupyterLab or Notebook.'
        )
      ),
      review.rules ? h('p', { class: 'jmlops-aside' }, review.rules) : null
    ];
  }
  return [
    h(
      'p',
      { role: silent === true ? 'alert' : undefined },
      silent === true
        ? trans.__(
            'No kernel has answered. One that is busy may still do so; if there is none, run the cell again to decide here, or in a terminal:'
          )
        : trans.__('No kernel is behind this view. Run the cell again to decide here, or in a terminal:')
    ),
    h('code', { class: 'jmlops-code' }, `jupyter mlops review decide ${review.id} approve --comment "…"`)
  ];
}
