/** Reviews in a list: what is asked for, and where it stands. */

import type { Failure, Review } from '../wire';
import { reviewDot, reviewWord, when } from './badge';
import { draw, h, type Child } from './draw';
import { emptyState, failureState, loadingState } from './notice';
import type { Setting } from './words';

export interface ReviewsRecord {
  readonly reviews?: readonly Review[];
  /** How many there are, where not all of them are here. */
  readonly total?: number;
  readonly failure?: Failure | null;
}

export interface ReviewsCallbacks extends Setting {
  readonly open?: (review: Review) => void;
}

/** Draw a list of reviews into *element*. */
export function drawReviews(element: Element, record: ReviewsRecord, callbacks: ReviewsCallbacks): void {
  draw(element, h('div', { class: 'jmlops jmlops-reviews' }, content(record, callbacks)));
}

function content(record: ReviewsRecord, callbacks: ReviewsCallbacks): Child {
  const { trans } = callbacks;
  if (record.failure && !record.reviews) {
    return failureState(record.failure);
  }
  if (!record.reviews) {
    return loadingState(trans);
  }
  if (record.reviews.length === 0 && !record.failure) {
    return emptyState(
      trans.__('No reviews yet.'),
      trans.__('A model version is put up for review from the models above; or in a terminal:'),
      'jupyter mlops review open MODEL:VERSION'
    );
  }
  const { failure, reviews, total = 0 } = record;
  return [
    failure ? h('div', { key: 'trouble' }, failureState(failure)) : null,
    h(
      'ul',
      { key: 'reviews', class: 'jmlops-rows', 'aria-label': trans.__('Reviews') },
      reviews.map(review => h('li', { key: review.id, class: 'jmlops-item' }, row(review, callbacks)))
    ),
    total > reviews.length
      ? h(
          'p',
          { key: 'cut', class: 'jmlops-aside' },
          trans.__(
            '%1 of %2 reviews, the open ones first.',
            reviews.length.toLocaleString('en-US'),
            total.toLocaleString('en-US')
          )
        )
      : null
  ];
}

function row(review: Review, callbacks: ReviewsCallbacks): Child {
  const { trans, open } = callbacks;
  const title = `${review.model}:${review.version} → ${review.alias}`;
  return h(
    'div',
    { class: 'jmlops-item-body' },
    h(
      'div',
      { class: 'jmlops-item-line jmlops-item-title' },
      reviewDot(review.status, trans),
      open
        ? h(
            'button',
            {
              type: 'button',
              class: 'jmlops-link jmlops-name',
              title,
              on: {
                click: () => {
                  open(review);
                }
              }
            },
            title
          )
        : h('span', { class: 'jmlops-name', title }, title)
    ),
    h(
      'div',
      { class: 'jmlops-item-line jmlops-aside' },
      h(
        'span',
        {},
        reviewWord(review.status, trans),
        ' · ',
        trans.__('asked by %1', review.actor.name),
        ', ',
        when(review.opened, callbacks)
      )
    ),
    h('p', { class: 'jmlops-aside' }, review.evidence.headline)
  );
}
