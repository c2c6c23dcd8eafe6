/** The review: what is asked, what the evidence says, what was decided, and the buttons to decide with. */

import type { Decision, Review, Verdict } from '../wire';
import { badge, idMark, reviewBadge, when, type Tone } from './badge';
import { approvalsOf, outcome, type ReviewCallbacks, type ReviewRecord } from './ballot';
import { draw, h, type Child, type Drawn } from './draw';
import { attention, changes, gates, headline, metrics } from './evidence';
import { section } from './section';
import { sides } from './sides';
import type { Translation } from './words';

/** Draw a review into *element*. */
export function drawReview(element: Element, record: ReviewRecord, callbacks: ReviewCallbacks): void {
  const { review } = record;
  const { trans } = callbacks;
  draw(
    element,
    h(
      'article',
      {
        class: 'jmlops jmlops-review',
        'aria-label': trans.__('Review of %1', `${review.model}:${review.version}`)
      },
      heading(review, callbacks),
      lapsed(review, trans),
      headline(review.evidence, trans),
      attention(review.evidence, trans),
      metrics(review, trans),
      gates(review.evidence.checks, trans),
      changes(review.evidence, trans),
      sides(review, callbacks),
      review.decisions.length ? decisions(review, callbacks) : null,
      review.rules
        ? h('p', { class: 'jmlops-aside', key: 'rules' }, trans.__('Rules: %1', review.rules))
        : null,
      outcome(record, callbacks)
    )
  );
}

function heading(review: Review, callbacks: ReviewCallbacks): Drawn {
  const { trans } = callbacks;
  const approvals = approvalsOf(review);
  return h(
    'header',
    { class: 'jmlops-heading' },
    h('h3', {}, `${review.model}:${review.version} → ${review.alias}`),
    reviewBadge(review.status, trans),
    h(
      'span',
      { class: 'jmlops-aside' },
      trans.__('asked by %1', review.actor.name),
      ', ',
      when(review.opened, callbacks),
      ' · ',
      trans._n('%2 of %1 approval', '%2 of %1 approvals', review.required, approvals),
      ' · ',
      trans.__('evidence'),
      ' ',
      idMark(review.evidence_digest, trans, 'digest')
    )
  );
}

function lapsed(review: Review, trans: Translation): Drawn | null {
  if (review.status !== 'lapsed') {
    return null;
  }
  return h(
    'div',
    { class: 'jmlops-bar', role: 'alert' },
    h('span', { class: 'jmlops-sign jmlops-warn', 'aria-hidden': 'true' }, '⚠'),
    h(
      'span',
      {},
      h(
        'strong',
        {},
        review.changed.length
          ? trans.__('The evidence changed (%1), and the approvals have lapsed.', review.changed.join(', '))
          : trans.__('The evidence changed, and the approvals have lapsed.')
      ),
      ' ',
      review.changed.length
        ? trans.__('What stands below is what was put before the reviewers.')
        : review.reason
    )
  );
}

const FACES: Readonly<Record<Verdict, { readonly sign: string; readonly tone: Tone }>> = {
  approve: { sign: '✓', tone: 'good' },
  reject: { sign: '✕', tone: 'bad' },
  abstain: { sign: '–', tone: 'plain' }
};

function decisions(review: Review, callbacks: ReviewCallbacks): Drawn {
  return section(
    callbacks.trans.__('Decisions'),
    h(
      'ul',
      { class: 'jmlops-list jmlops-signed jmlops-decisions' },
      review.decisions.map((decision, index) =>
        h('li', { key: String(index) }, decided(decision, review, callbacks))
      )
    )
  );
}

function decided(decision: Decision, review: Review, callbacks: ReviewCallbacks): Child {
  const { trans } = callbacks;
  const words = {
    approve: trans.__('approved'),
    reject: trans.__('rejected'),
    abstain: trans.__('abstained')
  };
  const word = words[decision.verdict];
  const { sign, tone } = FACES[decision.verdict];
  return [
    // That it does not count comes first: nobody may take it for one that does.
    decision.counts
      ? badge(sign, word, tone)
      : [badge('⚠', decision.note || trans.__('not counted'), 'warn'), ' · ', word],
    ' ',
    trans.__('by %1', decision.actor.name),
    ', ',
    when(decision.at, callbacks),
    ', ',
    trans.__('on evidence'),
    ' ',
    idMark(decision.evidence_digest, trans, 'digest'),
    decision.evidence_digest === review.evidence_digest
      ? null
      : badge('⚠', trans.__('not the evidence shown here'), 'warn'),
    decision.actor.authenticated
      ? null
      : h('span', { class: 'jmlops-aside' }, ' · ', trans.__('name not authenticated')),
    decision.counts && decision.note ? h('span', { class: 'jmlops-aside' }, ' · ', decision.note) : null,
    decision.comment ? h('blockquote', { class: 'jmlops-quote' }, decision.comment) : null
  ];
}
