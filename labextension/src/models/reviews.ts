/** The reviews of a workspace, the open ones first; and one review with what can be done to it. */

import type { IMlopsClient, IMlopsWatch } from '../tokens';
import type { Event, Review, Verdict } from '../wire';
import { Loading } from './loading';

const MOST = 200;

/** Open ones first, then the newest. */
export function ordered(reviews: readonly Review[]): readonly Review[] {
  const rank = (review: Review): number => (review.status === 'open' ? 0 : 1);
  return [...reviews].sort((a, b) => rank(a) - rank(b) || Date.parse(b.opened) - Date.parse(a.opened));
}

const ABOUT = /^(review|alias|version|model|policy)\./;

/** Of `pm25`, `pm25:2` and `pm25@champion` the model. */
const modelOf = (event: Event): string => event.subject.split(/[:@]/)[0] ?? '';

export class ReviewsModel extends Loading {
  reviews: readonly Review[] | undefined;

  refresh(): Promise<void> {
    return this.load(
      () => this.call('review.find', { limit: MOST }),
      page => {
        this.reviews = ordered(page.items);
      }
    );
  }

  protected forget(): void {
    this.reviews = undefined;
  }

  protected concerns(events: readonly Event[]): boolean {
    return events.some(event => ABOUT.test(event.kind));
  }
}

export class ReviewModel extends Loading {
  review: Review | undefined;
  busy = false;

  constructor(
    client: IMlopsClient,
    watch: IMlopsWatch,
    readonly id: string,
    private readonly home: string = watch.place
  ) {
    super(client, watch);
  }

  refresh(): Promise<void> {
    return this.load(
      // With the evidence compared with the books: what has lapsed is seen before anybody decides.
      () => this.client.call('review.show', { reference: this.id }, this.home),
      review => {
        this.review = review;
      }
    );
  }

  /** The browser decides with its own right to the server, never through a kernel. */
  async decide(verdict: Verdict, comment: string): Promise<void> {
    this.busy = true;
    this.tell();
    await this.change(() =>
      this.client.call('review.decide', { review: this.id, verdict, comment }, this.home)
    );
    this.busy = false;
    this.tell();
  }

  protected forget(): void {
    // One review of one workspace.
  }

  protected concerns(events: readonly Event[]): boolean {
    // Each reading hashes the model's bytes: what happens to other models is no reason for it.
    return events.some(event => ABOUT.test(event.kind) && modelOf(event) === this.review?.model);
  }
}
