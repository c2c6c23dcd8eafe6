/** What runs differ in, as axes to draw along: a number each where there is one, places in a row where there are words. */

import type { Figure, RunComparison } from '../wire';
import { share } from './points';
import { numberOf, plainText, shortNumber, wholeText, type Plain, type Translation } from './words';

export interface Axis {
  /** A parameter and a metric may have one name. */
  readonly key: string;
  readonly name: string;
  /** The name, and what it is where both have it. */
  readonly title: string;
  readonly kind: 'parameter' | 'metric';
  /** Of a metric: which way is better. */
  readonly direction: 'lower' | 'higher' | null;
  /** One place a run, in the order of the comparison; null where a run has none. */
  readonly values: readonly (number | null)[];
  readonly low: number;
  readonly high: number;
  /** Whether words stand on it, a place in a row each. */
  readonly worded: boolean;
  /** What stands at a value. */
  readonly say: (value: number) => string;
}

/** From the least to the greatest allowed, by the axis's key. */
export type Ranges = ReadonlyMap<string, readonly [number, number]>;

/** Axes of what differs: parameters first, metrics last, as cause and effect. */
export function axesOf(comparison: RunComparison, trans: Translation): readonly Axis[] {
  const params = comparison.params.map(row => axis(row.name, 'parameter', null, row.values));
  const metrics = comparison.metrics.map(row => axis(row.name, 'metric', row.direction, row.values));
  const there = [...params, ...metrics]
    .filter((found): found is Axis => found !== null)
    .map((found, _, all) => ({
      ...found,
      title: all.some(({ name, kind }) => name === found.name && kind !== found.kind)
        ? toldApart(found, trans)
        : found.name
    }));
  const differing = there.filter(found => found.low !== found.high);
  return differing.length > 1 ? differing : there;
}

const toldApart = ({ kind, name }: Axis, trans: Translation): string =>
  kind === 'metric' ? trans.__('metric %1', name) : trans.__('parameter %1', name);

function axis(
  name: string,
  kind: Axis['kind'],
  direction: Axis['direction'],
  found: readonly Plain[]
): Axis | null {
  const numeric = found.every(value => value === null || typeof value === 'number' || isWord(value));
  const words = [...new Set(found.filter(value => value !== null).map(wholeText))].sort();
  const values = found.map(value => {
    if (value === null) {
      return null;
    }
    const place = numeric ? numberOf(value as Figure) : words.indexOf(wholeText(value));
    return Number.isFinite(place) ? place : null;
  });
  const there = values.filter(value => value !== null);
  if (there.length === 0) {
    return null;
  }
  const low = Math.min(...there);
  const high = Math.max(...there);
  const inNumbers = kind === 'metric' ? shortNumber : plainText;
  const say = numeric ? inNumbers : (value: number) => words[Math.round(value)] ?? '';
  return {
    key: `${kind} ${name}`,
    name,
    title: name,
    kind,
    direction,
    values,
    low,
    high,
    worded: !numeric,
    say
  };
}

const isWord = (value: Plain): boolean => value === 'nan' || value === 'inf' || value === '-inf';

/** Where a value lies between an axis's least (0) and greatest (1). */
export const part = ({ low, high }: Axis, value: number): number => share(low, high, value);

/** Whether the run at *place* lies within every range. */
export function within(axes: readonly Axis[], ranges: Ranges, place: number): boolean {
  return axes.every(({ key, values }) => {
    const range = ranges.get(key);
    const value = values[place];
    return !range || (value !== null && value !== undefined && value >= range[0] && value <= range[1]);
  });
}
