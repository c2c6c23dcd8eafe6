/** The decision: buttons while it is open, afterwards what came of it. */

import type { Failure, Prospect, Review, Verdict } from '../wire';
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
  /** The server is being asked what a decision by this reader would come to. */
  readonly asking?: boolean;
  /** Through which door it goes: the kernel's, or the server's because the policy counts no other. */
  readonly door?: Door;
}

export interface ReviewCallbacks extends Setting {
  readonly decide?: (verdict: Verdict, comment: string) => void;
  readonly openRun?: (run: string) => void;
  /** Ask for a new review of the same version, where one can be had from here. */
  readonly renew?: () => void;
}

export const approvalsOf = (review: Review): number =>
  review.decisions.filter(decision => decision.counts && decision.verdict === 'approve').length;

function verdictSentence(review: Review, trans: Translation): string {
  const { champion } = review.evidence;
  switch (review.status) {
    case 'approved':
      if (champion?.version === review.version) {
        return trans.__('Approved: %1 stays at %2, where it pointed already.', review.alias, review.version);
      }
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
      return trans.__('Lapsed: open a new review to decide on the present evidence:');
    case 'open':
      return '';
  }
}

/** What stands behind the sentence: the line to type where there is no button, else why it ended. */
function afterwards(review: Review, { renew }: ReviewCallbacks): Child {
  if (review.status !== 'lapsed') {
    return review.reason ? ` ${review.reason}` : null;
  }
  // Why it lapsed is said across the top.
  return renew
    ? null
    : h(
        'code',
        { class: 'jmlops-code' },
        `jupyter mlops review open ${review.model}:${review.version}${review.alias === 'champion' ? '' : ` --alias ${review.alias}`}`
      );
}

export function outcome(record: ReviewRecord, callbacks: ReviewCallbacks): Drawn {
  const { review } = record;
  const { trans } = callbacks;
  if (review.status !== 'open') {
    return h(
      'footer',
      { class: 'jmlops-outcome', role: 'status', tabindex: -1, key: 'outcome' },
      h('strong', {}, verdictSentence(review, trans)),
      afterwards(review, callbacks),
      callbacks.renew && review.status !== 'approved'
        ? h(
            'div',
            { class: 'jmlops-buttons', key: 'renew' },
            h(
              'button',
              {
                type: 'button',
                class: 'jmlops-button',
                disabled: record.busy === true,
                on: { click: callbacks.renew }
              },
              trans.__('Ask for a new review')
            )
          )
        : null,
      record.failure ? failureState(record.failure) : null
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
  const { prospect } = record.review;
  const refused = prospect?.refused ?? '';
  const button = (verdict: Verdict, word: string, kind: string): Drawn =>
    h(
      'button',
      {
        type: 'button',
        class: `jmlops-button ${kind}`,
        disabled: busy || (refused !== '' && verdict === 'approve'),
        title: verdict === 'approve' && refused ? refused : undefined,
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
      h('textarea', { rows: 2, class: 'jmlops-input', name: 'comment', readonly: busy })
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
          : doubtful(prospect) && record.door !== 'server'
            ? null
            : [doubtful(prospect) ? null : foreseen(record, trans), signature(record, trans)]
      )
    ),
    doubtful(prospect)
      ? h(
          'p',
          { class: 'jmlops-prospect', key: 'prospect' },
          h('span', { class: 'jmlops-sign jmlops-warn', 'aria-hidden': 'true' }, '⚠'),
          h('span', {}, trans.__('Deciding as %1: %2. %3', prospect.name, prospect.says, prospect.remedy))
        )
      : null
  ];
}

/** Whether an approval by this reader would be refused, or would not count. */
const doubtful = (prospect: Prospect | null): prospect is Prospect =>
  prospect !== null && (prospect.refused !== '' || prospect.uncounted !== '');

/** What approving would do, before anybody does it. */
function foreseen({ review: { prospect }, asking }: ReviewRecord, trans: Translation): string {
  const said =
    asking === true
      ? trans.__('asking the server what a decision of yours would come to…')
      : (prospect?.says ?? '');
  return said && `${said} · `;
}

/** In whose name, and through which door. */
function signature({ review: { prospect }, door }: ReviewRecord, trans: Translation): string {
  if (door === 'server') {
    return prospect
      ? trans.__(
          'the policy counts decisions the server knows: your browser sends this one there, as %1',
          prospect.name
        )
      : trans.__(
          'the policy counts decisions the server knows: your browser sends this one there, in the name you are signed in with'
        );
  }
  return prospect ? trans.__('deciding as %1', prospect.name) : trans.__('deciding here');
}

function commentNear(event: Event): string {
  const footer = event.currentTarget instanceof Element ? event.currentTarget.closest('footer') : null;
  return footer?.querySelector('textarea')?.value.trim() ?? '';
}

function unattended({ review, silent, door }: ReviewRecord, trans: Translation): Child {
  if (door === 'closed') {
    return h(
      'p',
      {},
      trans.__(
        'The policy counts only decisions that come through the Jupyter server, and this place has no way to it: decide in JupyterLab’s MLOps panel, or in this notebook opened in JupyterLab or Notebook.'
      )
    );
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
