/** A review in a notebook output. */

import { drawReview } from '../views/evidence';
import { untranslated } from '../views/words';
import type { Review, Verdict } from '../wire';
import { failureOf, has, textOf, widgetModule, type Behaviour, type WidgetModel } from './host';

const PATIENCE = 20_000; // milliseconds
const RETURN = 5_000; // milliseconds in which an output that was replaced gets the reader's focus back

const isReview = (value: unknown): value is Review => has(value, 'id', 'evidence', 'decisions', 'status');

class ReviewOutput implements Behaviour {
  private asked: { readonly at: string; readonly timer: ReturnType<typeof setTimeout> } | null = null;
  private silent = false;
  private focusUntil = 0;

  constructor(
    private readonly model: WidgetModel,
    private readonly redraw: () => void
  ) {}

  draw(place: HTMLElement): void {
    const review = this.model.get('record');
    if (!isReview(review)) {
      return;
    }
    this.settle();
    drawReview(
      place,
      {
        review,
        busy: this.model.get('busy') === true || (this.asked !== null && !this.silent),
        frozen: this.model.get('frozen') === true,
        silent: this.silent,
        failure: failureOf(this.model),
        actor: textOf(this.model, 'actor')
      },
      { trans: untranslated, decide: this.decide }
    );
    if (review.status !== 'open' && Date.now() < this.focusUntil) {
      place.querySelector<HTMLElement>('footer')?.focus({ preventScroll: true });
    }
  }

  stop(): void {
    clearTimeout(this.asked?.timer);
  }

  private readonly decide = (verdict: Verdict, comment: string): void => {
    this.focusUntil = Date.now() + PATIENCE + RETURN;
    this.asked = { at: this.state(), timer: setTimeout(this.giveUp, PATIENCE) };
    try {
      this.model.send({ action: 'decide', verdict, comment });
    } catch {
      this.giveUp();
    }
    this.redraw();
  };

  /** The kernel behind a view may be gone without a word: then nothing ever changes. */
  private readonly giveUp = (): void => {
    clearTimeout(this.asked?.timer);
    this.silent = this.model.get('busy') !== true;
    this.redraw();
  };

  private settle(): void {
    if (this.asked && this.asked.at !== this.state()) {
      clearTimeout(this.asked.timer);
      this.asked = null;
      this.silent = false;
      this.focusUntil = Date.now() + RETURN;
    }
  }

  private state(): string {
    return JSON.stringify([this.model.get('record'), this.model.get('error')]);
  }
}

export default widgetModule((model, redraw) => new ReviewOutput(model, redraw));
