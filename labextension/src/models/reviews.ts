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
  total = 0;

  refresh(): Promise<void> {
    return this.load(
      async () => {
        const newest = await this.call('review.find', { limit: MOST });
        // One that has been open for long is older than those that are cut off, and is what is looked for here.
        const open =
          newest.total > newest.items.length
            ? await this.call('review.find', { query: "status = 'open'", limit: MOST })
            : newest;
        return [newest, open] as const;
      },
      ([newest, open]) => {
        const all = new Map([...newest.items, ...open.items].map(review => [review.id, review]));
        this.reviews = ordered([...all.values()]);
        this.total = Math.max(newest.total, all.size);
      }
    );
  }

  protected forget(): void {
    this.reviews = undefined;
    this.total = 0;
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
    if (this.busy) {
      return;
    }
    this.busy = true;
    this.tell();
    await this.change(() =>
      this.client.call('review.decide', { review: this.id, verdict, comment }, this.home)
    );
    this.busy = false;
    this.tell();
  }

  /** Ask once more for the same alias: the review that is open by now, else a new one; null where it was refused. */
  async renew(): Promise<Review | null> {
    const { review } = this;
    if (!review || this.busy) {
      return null;
    }
    let found: Review | null = null;
    this.busy = true;
    this.tell();
    await this.change(async () => {
      const reference = `${review.model}:${review.version}`;
      found = await this.client.call('review.open', { reference, alias: review.alias }, this.home);
    });
    this.busy = false;
    this.tell();
    return found;
  }

  protected forget(): void {
    // One review of one workspace.
  }

  protected concerns(events: readonly Event[]): boolean {
    // Each reading hashes the model's bytes: what happens to other models is no reason for it.
    return events.some(event => ABOUT.test(event.kind) && modelOf(event) === this.review?.model);
  }
}
