/** The review: what is asked, what the evidence says, what was decided, and the buttons to decide with. */

import type { Decision, Review, Verdict } from '../wire';
import { badge, idMark, reviewBadge, when } from './badge';
import { approvalsOf, outcome, type ReviewCallbacks, type ReviewRecord } from './ballot';
import { draw, h, type Child, type Drawn } from './draw';
import { attention, changes, gates, leaning, metrics } from './evidence';
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
      h(
        'p',
        { class: `jmlops-headline jmlops-headline-${leaning(review.evidence)}` },
        review.evidence.headline
      ),
      attention(review.evidence, trans),
      metrics(review, trans),
      gates(review.evidence.checks, trans),
      changes(review.evidence, trans),
      sides(review, callbacks),
      review.decisions.length ? decisions(review, callbacks) : null,
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
      h('strong', {}, trans.__('The evidence changed, and the approvals have lapsed.')),
      ' ',
      review.reason
    )
  );
}

function decisions(review: Review, callbacks: ReviewCallbacks): Drawn {
  return section(
    callbacks.trans.__('Decisions'),
    h(
      'ul',
      { class: 'jmlops-list' },
      review.decisions.map((decision, index) =>
        h('li', { key: String(index) }, decided(decision, review, callbacks))
      )
    )
  );
}

function decided(decision: Decision, review: Review, callbacks: ReviewCallbacks): Child {
  const { trans } = callbacks;
  const faces: Readonly<Record<Verdict, Drawn>> = {
    approve: badge('✓', trans.__('approved'), 'good'),
    reject: badge('✕', trans.__('rejected'), 'bad'),
    abstain: badge('–', trans.__('abstained'), 'plain')
  };
  return [
    faces[decision.verdict],
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
    decision.note ? h('span', { class: 'jmlops-aside' }, ' · ', decision.note) : null,
    decision.counts ? null : h('span', { class: 'jmlops-aside' }, ' · ', trans.__('does not count')),
    decision.comment ? h('blockquote', { class: 'jmlops-quote' }, decision.comment) : null
  ];
}
