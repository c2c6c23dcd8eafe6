/** The points of curves: where they stand, which of them are seen, and which lie between those that are here. */

import type { Figure } from '../wire';
import { numberOf } from './words';

export interface Point {
  readonly step: number;
  readonly value: Figure;
  /** Its place in the order in which the run logged; what lies between two points is asked for by theirs. */
  readonly sequence?: number;
}

export interface Series {
  readonly name: string;
  /** The run it is of, where there are several in a picture. */
  readonly run?: string;
  readonly points: readonly Point[];
}

/** A part of a curve: the points between two sequences, thinned out to so many. */
export interface Stretch {
  readonly after: number;
  readonly before: number;
  readonly most: number;
}

/** Brings the points of one metric of a run. */
export type Bring = (run: string, key: string, stretch: Stretch) => Promise<readonly Point[]>;

/** From where to where a picture goes. */
export type Span = readonly [number, number];

/** A point where it stands: over its step, or over its place in the order. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly point: Point;
}

/** As many points of a curve as a picture draws, and as come from a store that thins them out. */
export const DRAWN = 400;
const ASKED = 2000; // at most, of a stretch that is looked at closely

/** Whether points stand over their steps; a loop that gave no step logged them all at one, and only their order is left. */
export const isStepped = (all: readonly Series[]): boolean =>
  all.some(({ points }) => points.some(point => point.step !== points[0]?.step));

export const spotsOf = (points: readonly Point[], stepped: boolean): readonly Spot[] =>
  points.map((point, place) => ({
    x: stepped ? point.step : (point.sequence ?? place + 1),
    y: numberOf(point.value),
    point
  }));

export const isFinite = ({ y }: Spot): boolean => Number.isFinite(y);

/** How far a value lies between two; in halves where what is between them is more than a number holds. */
export function share(low: number, high: number, value: number): number {
  if (high === low) {
    return 0.5;
  }
  return Number.isFinite(high - low)
    ? (value - low) / (high - low)
    : (value / 2 - low / 2) / (high / 2 - low / 2);
}

/** From the least to the greatest; null where there is none. */
export function reach(numbers: readonly number[]): Span | null {
  const first = numbers[0];
  return first === undefined
    ? null
    : [numbers.reduce((a, b) => Math.min(a, b), first), numbers.reduce((a, b) => Math.max(a, b), first)];
}

/** At most *limit* points that keep each stretch's highest and lowest, so that a spike survives. */
export function thinned(spots: readonly Spot[], limit = DRAWN): readonly Spot[] {
  if (spots.length <= limit) {
    return spots;
  }
  const width = Math.ceil(spots.length / (limit / 2));
  const kept: Spot[] = [];
  for (let start = 0; start < spots.length; start += width) {
    const stretch = spots.slice(start, start + width);
    const there = stretch.filter(isFinite);
    const low = there.reduce<Spot | undefined>((a, b) => (a && a.y <= b.y ? a : b), undefined);
    const high = there.reduce<Spot | undefined>((a, b) => (a && a.y >= b.y ? a : b), undefined);
    kept.push(...(low && high ? stretch.filter(spot => spot === low || spot === high) : stretch.slice(0, 1)));
  }
  return kept;
}

/** A thinned-out curve with the points of one stretch in their place. */
export function filledIn(coarse: readonly Point[], fine: readonly Point[]): readonly Point[] {
  const [first, last] = [fine[0]?.sequence, fine[fine.length - 1]?.sequence];
  if (first === undefined || last === undefined) {
    return coarse;
  }
  const at = ({ sequence }: Point): number => sequence ?? 0;
  return [...coarse.filter(point => at(point) < first), ...fine, ...coarse.filter(point => at(point) > last)];
}

/** The stretch to ask for where *span* is looked at closely: to the next known point on either side. */
export function stretchOf(spots: readonly Spot[], [low, high]: Span): Stretch | null {
  const inside = spots.flatMap(({ x }, place) => (x >= low && x <= high ? [place] : []));
  const gap = spots.findIndex(({ x }, place) => x < low && (spots[place + 1]?.x ?? low) > high);
  const [first, last] = inside.length
    ? [(inside[0] ?? 0) - 1, (inside[inside.length - 1] ?? 0) + 1]
    : [gap, gap + 1];
  const [from, to] = [spots[Math.max(0, first)], spots[Math.min(spots.length - 1, last)]];
  const [after, before] = [from?.point.sequence, to?.point.sequence];
  if (!from || !to || after === undefined || before === undefined || (!inside.length && gap < 0)) {
    return null;
  }
  // What lies beyond the span takes its share of the points as well.
  const share = (high - low) / Math.max(high - low, Math.abs(to.x - from.x));
  return { after: after - 1, before: before + 1, most: Math.min(ASKED, Math.ceil(DRAWN / share)) };
}

/** Lines through *spots* as far as they lie in *span*, cut at its ends; what is not a number leaves a gap. */
export function linesIn(spots: readonly Spot[], [low, high]: Span): readonly (readonly Span[])[] {
  const lines: Span[][] = [];
  let open: Span[] | null = null;
  spots.forEach((to, place) => {
    const from = spots[place - 1];
    const shares = from && isFinite(from) && isFinite(to) ? cut(from.x, to.x, low, high) : null;
    if (!from || !shares) {
      open = null;
      return;
    }
    const at = (share: number): Span => [
      from.x + share * (to.x - from.x),
      share === 1 ? to.y : from.y + share * (to.y - from.y)
    ];
    if (!open || shares[0] > 0) {
      open = [at(shares[0])];
      lines.push(open);
    }
    open.push(at(shares[1]));
    if (shares[1] < 1) {
      open = null;
    }
  });
  return lines;
}

/** Which part of the way from *a* to *b* lies between *low* and *high*. */
function cut(a: number, b: number, low: number, high: number): Span | null {
  if (a === b) {
    return a >= low && a <= high ? [0, 1] : null;
  }
  const shares = [(low - a) / (b - a), (high - a) / (b - a)];
  const [from, to] = [Math.max(0, Math.min(...shares)), Math.min(1, Math.max(...shares))];
  return from < to ? [from, to] : null;
}

/** Tab-separated, as a spreadsheet takes it. */
export function asText(all: readonly Series[]): string {
  const rows = all.flatMap(series =>
    series.points.map(point => `${inOneCell(series.name)}\t${point.step}\t${numberOf(point.value)}`)
  );
  return ['name\tstep\tvalue', ...rows].join('\n');
}

const inOneCell = (text: string): string => text.replace(/[\t\r\n]+/g, ' ');

/** Places for labels that would otherwise lie on each other. */
export function spread(wanted: readonly number[], gap: number, height: number): readonly number[] {
  const order = wanted.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y);
  let last = -Infinity;
  for (const item of order) {
    item.y = Math.max(item.y, last + gap);
    last = item.y;
  }
  const over = Math.max(0, last - (height - 6));
  return wanted.map((_, index) => (order.find(item => item.index === index)?.y ?? 0) - over);
}
