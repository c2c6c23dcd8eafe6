/**
 * How an output in the page asks the server: by an event that the extension answers. The output needs no address, no
 * cookie and no token of its own, and what it asks is asked in the name the reader is signed in with.
 */

import type { Failure, Review, Verdict } from './wire';

export const DOOR = 'jupyter-mlops:door';

/** A decision to be entered, or a review to be read; an event without either asks whether there is a door. */
export interface Knock {
  readonly review: string;
  /** Null: the review is only read, with what a decision by this reader would come to. */
  readonly verdict: Verdict | null;
  readonly comment: string;
  readonly answer: (reply: Promise<Review>) => void;
}

/** Whether this page has a door to the server. */
export const hasDoor = (): boolean =>
  !document.dispatchEvent(new CustomEvent<null>(DOOR, { cancelable: true, detail: null }));

/** Enter a decision from *place*, or without one read the review; null where nobody answers the door. */
export function knock(
  place: Element,
  review: string,
  verdict: Verdict | null = null,
  comment = ''
): Promise<Review> | null {
  let reply: Promise<Review> | null = null;
  const answer = (given: Promise<Review>): void => {
    reply = given;
  };
  const detail: Knock = { review, verdict, comment, answer };
  place.dispatchEvent(
    new CustomEvent<Knock>(DOOR, { bubbles: true, cancelable: true, composed: true, detail })
  );
  return reply;
}

/** An error as a failure a view can show, on either side of the door. */
export function failureOf(error: unknown): Failure {
  if (typeof error === 'object' && error !== null && 'failure' in error) {
    return error.failure as Failure;
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'unexpected', message, remedy: '', data: {} };
}
