/** What a reader looks at in one picture: the part of it, the place read, and the points brought for it. */

import {
  DRAWN,
  filledIn,
  spotsOf,
  stretchOf,
  type Point,
  type Series,
  type Span,
  type Spot,
  type Stretch
} from './points';

/** Brings what lies between the points of a series. */
export type Between = (series: Series, stretch: Stretch) => Promise<readonly Point[]>;

interface Brought {
  readonly stretch: Stretch;
  readonly points: readonly Point[];
}

export class Zoom {
  /** The part that is seen; null: all of it. */
  span: Span | null = null;
  /** Where the values are read: under the pointer, or moved there by key. */
  at: number | null = null;
  /** What is being drawn over: from where to where, and the pixel it began at. */
  drawn: { readonly from: number; readonly to: number; readonly pixel: number } | null = null;
  large = false;
  /** What a screen reader is told of what a key did. */
  spoken = '';
  failure = '';
  private readonly brought = new Map<string, Brought>();
  private readonly waiting = new Set<string>();

  constructor(
    /** The series it is a look at; others begin anew. */
    readonly of: string
  ) {}

  get busy(): boolean {
    return this.waiting.size > 0;
  }

  /** The points of a series, with those that were brought in their place. */
  spots(series: Series, stepped: boolean): readonly Spot[] {
    const brought = this.span ? this.brought.get(idOf(series)) : undefined;
    return spotsOf(brought ? filledIn(series.points, brought.points) : series.points, stepped);
  }

  /** See only *span*, as far as it lies in *whole*; as little as one step, and all again where it holds all. */
  see([low, high]: Span, whole: Span): void {
    const least = Math.min(1, whole[1] - whole[0]);
    const width = Math.min(Math.max(high - low, least), whole[1] - whole[0]);
    const from = Math.min(Math.max((low + high - width) / 2, whole[0]), whole[1] - width);
    this.span = width < whole[1] - whole[0] ? [from, from + width] : null;
  }

  /** Twice as close, or half, around the place that is read. */
  scale(factor: number, whole: Span): void {
    const [low, high] = this.span ?? whole;
    const around = this.at !== null && this.at >= low && this.at <= high ? this.at : (low + high) / 2;
    this.see([around - (around - low) * factor, around + (high - around) * factor], whole);
  }

  /** A quarter of what is seen further on. */
  move(forward: boolean, whole: Span): void {
    const [low, high] = this.span ?? whole;
    const width = ((high - low) / 4) * (forward ? 1 : -1);
    const by = Math.min(Math.max(width, whole[0] - low), whole[1] - high);
    this.see([low + by, high + by], whole);
  }

  /** Read the next of *places*, which rise; the part that is seen follows. */
  read(forward: boolean, places: readonly number[], whole: Span): void {
    const [low, high] = this.span ?? whole;
    const at = this.at ?? (forward ? low - 1 : high + 1);
    const next = forward ? places.find(x => x > at) : places.filter(x => x < at).at(-1);
    if (next === undefined) {
      return;
    }
    this.at = next;
    if (this.span && (next < low || next > high)) {
      const from = next - (high - low) * (forward ? 0.9 : 0.1);
      this.see([from, from + high - low], whole);
    }
  }

  /** Ask for what lies between the points of long curves in the part that is seen; *then* draws it. */
  ask(all: readonly Series[], stepped: boolean, between: Between, then: () => void): void {
    const { span } = this;
    if (!span) {
      return;
    }
    for (const series of all) {
      const id = idOf(series);
      // Of a longer curve some points may have been left out: a store keeps one of each two stretches at least.
      const stretch = series.points.length > DRAWN / 2 ? stretchOf(this.spots(series, stepped), span) : null;
      if (stretch && !this.waiting.has(id) && !this.has(id, stretch)) {
        this.waiting.add(id);
        this.failure = '';
        void between(series, stretch)
          .then(
            points => {
              this.brought.set(id, { stretch, points });
            },
            (error: unknown) => {
              this.failure = error instanceof Error ? error.message : String(error);
            }
          )
          .then(() => {
            this.waiting.delete(id);
            if (this.span !== span) {
              this.ask([series], stepped, between, then);
            }
            then();
          });
      }
    }
  }

  private has(id: string, { after, before }: Stretch): boolean {
    const brought = this.brought.get(id);
    if (!brought) {
      return false;
    }
    const { stretch, points } = brought;
    // Fewer than a thinned-out stretch has, or one at each place in the order: these are all.
    const whole = points.length < stretch.most / 2 || points.length === stretch.before - stretch.after - 1;
    return whole
      ? stretch.after <= after && stretch.before >= before
      : stretch.after === after && stretch.before === before;
  }
}

export const idOf = ({ run, name }: Series): string => `${run ?? ''} ${name}`;
