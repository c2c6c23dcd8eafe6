/** A review in a notebook output. */

import { failureOf, hasDoor, knock } from '../door';
import type { Door } from '../views/ballot';
import { isElsewhere } from '../views/draw';
import { drawReview } from '../views/review';
import { untranslated } from '../views/words';
import type { Failure, Prospect, Review, Verdict } from '../wire';
import {
  failureOf as failureIn,
  has,
  PATIENCE,
  textOf,
  widgetModule,
  type Behaviour,
  type WidgetModel
} from './host';

const RETURN = 5_000; // milliseconds in which an output that was replaced gets the reader's focus back

const isReview = (value: unknown): value is Review => has(value, 'id', 'evidence', 'decisions', 'status');

class ReviewOutput implements Behaviour {
  private asked: { readonly at: string; readonly timer: ReturnType<typeof setTimeout> } | null = null;
  private silent = false;
  private focusUntil = 0;
  private readonly focused = new WeakSet<Element>();
  private attached: MutationObserver | null = null;
  private posting = false;
  /** What the server answered, until the kernel has seen it too. */
  private answered: { readonly review: Review; readonly over: string } | null = null;
  private refused: Failure | null = null;
  /** What the server says a decision by this reader would come to, of which record; undefined until it has answered. */
  private told: { readonly of: string; readonly prospect: Prospect | null | undefined } | null = null;

  constructor(
    private readonly model: WidgetModel,
    private readonly redraw: () => void
  ) {}

  draw(place: HTMLElement): void {
    const kept = this.model.get('record');
    if (!isReview(kept)) {
      return;
    }
    this.settle();
    const door = this.door();
    // At the server's door it is for the server to say who decides, and what that comes to.
    const asked = door === 'server' && kept.status === 'open' && !this.answered;
    const prospect = asked ? this.foreseen(place, kept.id) : kept.prospect;
    const review = this.answered?.review ?? { ...kept, prospect: prospect ?? null };
    drawReview(
      place,
      {
        review,
        busy: this.posting || this.model.get('busy') === true || (this.asked !== null && !this.silent),
        frozen: this.model.get('frozen') === true,
        silent: this.silent,
        failure: this.refused ?? failureIn(this.model),
        asking: asked && prospect === undefined,
        door
      },
      {
        trans: untranslated,
        decide: (verdict, comment) => {
          if (door === 'server') {
            void this.post(place, review.id, verdict, comment);
          } else {
            this.decide(verdict, comment);
          }
        }
      }
    );
    if (review.status !== 'open' && Date.now() < this.focusUntil) {
      this.focusOutcome(place);
    }
  }

  stop(): void {
    clearTimeout(this.asked?.timer);
    this.attached?.disconnect();
  }

  /** Once in each element that shows it, and not where the reader is busy with something else by now. */
  private focusOutcome(place: HTMLElement): void {
    const footer = place.querySelector<HTMLElement>('footer');
    if (footer && !isElsewhere(place) && !this.focused.has(footer)) {
      this.focused.add(footer);
      footer.focus({ preventScroll: true });
    }
  }

  private door(): Door {
    return textOf(this.model, 'door') !== 'server' ? 'kernel' : hasDoor() ? 'server' : 'closed';
  }

  /** Ask the server once for each state of the review. */
  private foreseen(place: Element, review: string): Prospect | null | undefined {
    const of = this.record();
    if (this.told?.of !== of) {
      if (!place.isConnected) {
        this.redrawOnceAttached(place);
        return undefined;
      }
      const reply = knock(place, review);
      if (!reply) {
        return null;
      }
      const keep = (prospect: Prospect | null): void => {
        if (this.told?.of === of) {
          this.told = { of, prospect };
          this.redraw();
        }
      };
      this.told = { of, prospect: undefined };
      reply.then(
        found => {
          keep(found.prospect);
        },
        () => {
          keep(null);
        }
      );
    }
    return this.told.prospect;
  }

  /** From an element that is not yet in the page nothing is heard at the door. */
  private redrawOnceAttached(place: Element): void {
    this.attached?.disconnect();
    this.attached = new MutationObserver((_, observer) => {
      if (place.isConnected) {
        observer.disconnect();
        this.redraw();
      }
    });
    this.attached.observe(document.body, { childList: true, subtree: true });
  }

  /** Decide as the panel does: the browser asks the server; the kernel only reads what came of it. */
  private async post(place: Element, review: string, verdict: Verdict, comment: string): Promise<void> {
    this.focusUntil = Date.now() + PATIENCE;
    this.posting = true;
    this.refused = null;
    this.redraw();
    try {
      const reply = knock(place, review, verdict, comment);
      if (!reply) {
        throw new Error('This page has no way to the server: decide in the MLOps panel.');
      }
      this.answered = { review: await reply, over: this.record() };
    } catch (error) {
      this.refused = failureOf(error);
    }
    this.posting = false;
    this.redraw();
    try {
      // The saved output tells it as well; also what a refusal changed, such as a lapse.
      this.model.send({ action: 'refresh' });
    } catch {
      // Without a kernel the decision stands all the same.
    }
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
    if (this.answered && this.answered.over !== this.record()) {
      this.answered = null;
    }
    if (this.asked && this.asked.at !== this.state()) {
      clearTimeout(this.asked.timer);
      this.asked = null;
      this.silent = false;
      this.focusUntil = Date.now() + RETURN;
    }
  }

  private record(): string {
    return JSON.stringify(this.model.get('record'));
  }

  private state(): string {
    return JSON.stringify([this.model.get('record'), this.model.get('error')]);
  }
}

export default widgetModule((model, redraw) => new ReviewOutput(model, redraw));
