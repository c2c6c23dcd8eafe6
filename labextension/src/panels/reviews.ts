/** The reviews section of the panel, and one review. */

import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReviewModel, ReviewsModel } from '../models/reviews';
import { ViewIds } from '../tokens';
import { draw, isElsewhere } from '../views/draw';
import { drawReview } from '../views/review';
import { failureState, loadingState } from '../views/notice';
import { drawReviews } from '../views/reviews';
import type { Verdict } from '../wire';
import { Hosting } from './hosting';

export class ReviewsPanel extends Hosting<ReviewsModel> {
  constructor(
    model: ReviewsModel,
    trans: TranslationBundle,
    private readonly open: (review: string) => void
  ) {
    super(model, trans);
    this.id = ViewIds.section('reviews');
    this.title.label = trans.__('Reviews');
    this.title.caption = trans.__('Requests to promote a version, the open ones first');
  }

  protected draw(): void {
    const { model, trans } = this;
    drawReviews(
      this.node,
      { reviews: model.reviews, total: model.total, failure: model.failure },
      {
        trans,
        open: review => {
          this.open(review.id);
        }
      }
    );
  }
}

export class ReviewPanel extends Hosting<ReviewModel> {
  /** A decision of this reader's is on its way. */
  private deciding = false;

  constructor(
    model: ReviewModel,
    trans: TranslationBundle,
    private readonly openRun: (run: string) => void,
    private readonly openReview: (review: string) => void
  ) {
    super(model, trans);
    this.id = ViewIds.review(model.id);
    this.addClass('jp-jmlops-large');
    this.title.label = trans.__('Review %1', model.id.slice(-6));
    this.title.closable = true;
  }

  protected draw(): void {
    const { model, trans, node } = this;
    const { review, failure } = model;
    if (!review) {
      draw(node, failure ? failureState(failure) : loadingState(trans, 8));
      return;
    }
    this.title.label = trans.__('Review %1', `${review.model}:${review.version}`);
    drawReview(
      node,
      {
        review,
        busy: model.busy,
        failure: failure ?? model.refusal
      },
      {
        trans,
        openRun: this.openRun,
        decide: (verdict, comment) => void this.decide(verdict, comment),
        renew: () =>
          void model.renew().then(found => {
            if (found) {
              this.openReview(found.id);
            }
          })
      }
    );
    if (this.deciding && !model.busy) {
      this.deciding = false;
      if (review.status !== 'open') {
        this.focusOutcome();
      }
    }
  }

  private decide(verdict: Verdict, comment: string): Promise<void> {
    this.deciding = true;
    return this.model.decide(verdict, comment);
  }

  /** The buttons are gone, and the focus with them; whoever is elsewhere by now is left alone. */
  private focusOutcome(): void {
    const { node } = this;
    if (!isElsewhere(node)) {
      node.querySelector<HTMLElement>('footer')?.focus();
    }
  }
}
