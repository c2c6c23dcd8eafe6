/** A review in a notebook output. */

import { drawReview, type ReviewCallbacks } from '../views/evidence';
import { untranslated } from '../views/words';
import type { Review } from '../wire';
import { failureOf, has, live, recordOf, type RenderProps } from './host';

const PATIENCE = 15_000;

const isReview = (value: unknown): value is Review => has(value, 'id', 'evidence', 'decisions', 'status');

function render(props: RenderProps): () => void {
  const { model } = props;
  let asked: { at: string; timer: ReturnType<typeof setTimeout> } | null = null;
  let silent = false;

  const state = (): string => JSON.stringify([recordOf(model), model.get('error')]);
  const settle = (): void => {
    if (asked && asked.at !== state()) {
      clearTimeout(asked.timer);
      asked = null;
      silent = false;
    }
  };
  const decide: ReviewCallbacks['decide'] = (verdict, comment) => {
    asked = { at: state(), timer: setTimeout(giveUp, PATIENCE) };
    model.send({ action: 'decide', verdict, comment });
    paint();
  };
  // A saved widget looks alive, but the kernel behind it may be gone: then nothing ever changes.
  const giveUp = (): void => {
    asked = null;
    silent = model.get('busy') !== true;
    paint();
  };
  let place: HTMLElement | null = null;
  const paint = (): void => {
    const review = recordOf(model);
    if (place && isReview(review)) {
      settle();
      drawReview(
        place,
        {
          review,
          busy: model.get('busy') === true || asked !== null,
          frozen: model.get('frozen') === true || silent,
          failure: failureOf(model)
        },
        { trans: untranslated, decide }
      );
    }
  };
  const stop = live(props, element => {
    place = element;
    paint();
  });
  return () => {
    clearTimeout(asked?.timer);
    stop();
  };
}

export default { render };
