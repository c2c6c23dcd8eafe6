/** A metric as a line: small, labelled at its end, with its numbers behind a button. */

import type { Figure } from '../wire';
import { h, type Child, type Drawn } from './draw';
import { numberOf, shortNumber, type Setting } from './words';

export interface Point {
  readonly step: number;
  readonly value: Figure;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

interface Frame {
  readonly x: (step: number) => number;
  readonly y: (value: number) => number;
}

const DRAWN_POINTS = 400;

const finite = (points: readonly Point[]): readonly { step: number; value: number }[] =>
  points
    .map(point => ({ step: point.step, value: numberOf(point.value) }))
    .filter(point => Number.isFinite(point.value));

/** At most *limit* points that keep each stretch's highest and lowest, so that a spike survives. */
export function thinned(points: readonly Point[], limit = DRAWN_POINTS): readonly Point[] {
  if (points.length <= limit) {
    return points;
  }
  const width = Math.ceil(points.length / (limit / 2));
  const kept: Point[] = [];
  for (let start = 0; start < points.length; start += width) {
    const stretch = points.slice(start, start + width);
    const sorted = [...stretch].sort((a, b) => numberOf(a.value) - numberOf(b.value));
    const [low, high] = [sorted[0], sorted[sorted.length - 1]];
    kept.push(...stretch.filter(point => point === low || point === high));
  }
  return kept;
}

function frame(all: readonly Series[], width: number, height: number, margin: number): Frame | null {
  const points = all.flatMap(series => finite(series.points));
  if (points.length === 0) {
    return null;
  }
  const steps = points.map(point => point.step);
  const values = points.map(point => point.value);
  const scale = (found: readonly number[], length: number, flip: boolean) => {
    const low = found.reduce((a, b) => Math.min(a, b));
    const span = found.reduce((a, b) => Math.max(a, b)) - low;
    return (value: number): number => {
      const part = span === 0 ? 0.5 : (value - low) / span;
      return margin + (flip ? 1 - part : part) * (length - 2 * margin);
    };
  };
  return { x: scale(steps, width, false), y: scale(values, height, true) };
}

const path = (series: Series, at: Frame): string =>
  finite(thinned(series.points))
    .map(
      (point, index) => `${index ? 'L' : 'M'}${at.x(point.step).toFixed(1)} ${at.y(point.value).toFixed(1)}`
    )
    .join('');

function spoken(series: Series, { trans }: Setting): string {
  const values = finite(series.points).map(point => point.value);
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  return trans.__(
    '%1 over %2 points: from %3 to %4, between %5 and %6',
    series.name,
    series.points.length,
    shortNumber(values[0]),
    shortNumber(values[values.length - 1]),
    shortNumber(low),
    shortNumber(high)
  );
}

/** Tab-separated, as a spreadsheet takes it. */
export function asText(all: readonly Series[]): string {
  const rows = all.flatMap(series =>
    series.points.map(point => `${series.name}\t${point.step}\t${numberOf(point.value)}`)
  );
  return ['name\tstep\tvalue', ...rows].join('\n');
}

/** Curves over steps; each is named at its end, so there is no legend to decode. */
export function chart(all: readonly Series[], setting: Setting): Drawn | null {
  const drawable = all.filter(series => finite(series.points).length > 1);
  const [width, height, label] = [420, 120, 110];
  const at = frame(drawable, width - label, height, 10);
  if (!at) {
    return null;
  }
  const { trans } = setting;
  return h(
    'figure',
    { class: 'jmlops-chart' },
    h(
      'svg',
      {
        viewBox: `0 0 ${width} ${height}`,
        role: 'img',
        'aria-label': drawable.map(series => spoken(series, setting)).join('; ')
      },
      curves(drawable, at, height)
    ),
    h(
      'button',
      {
        type: 'button',
        class: 'jmlops-quiet',
        on: {
          // Kept in the page, not in the record: a drawing that follows leaves it as it is.
          click: event => {
            if (event.currentTarget instanceof Element) {
              event.currentTarget.closest('figure')?.classList.toggle('jmlops-large');
            }
          }
        }
      },
      trans.__('Larger or smaller')
    ),
    ' ',
    h(
      'button',
      {
        type: 'button',
        class: 'jmlops-quiet',
        on: { click: () => void navigator.clipboard?.writeText(asText(all)).catch(() => undefined) }
      },
      trans.__('Copy the data')
    )
  );
}

function curves(drawable: readonly Series[], at: Frame, height: number): Child[] {
  const ends = drawable.map(series => {
    const points = finite(series.points);
    const end = points[points.length - 1] ?? { step: 0, value: 0 };
    return { series, end, y: at.y(end.value) };
  });
  const places = spread(
    ends.map(({ y }) => y),
    13,
    height
  );
  return ends.flatMap(({ series, end }, index) => [
    h('path', { d: path(series, at), class: `jmlops-line jmlops-series-${index % 5}` }),
    h('circle', {
      cx: at.x(end.step),
      cy: at.y(end.value),
      r: 2.5,
      class: `jmlops-end jmlops-series-${index % 5}`
    }),
    h(
      'text',
      { x: at.x(end.step) + 6, y: (places[index] ?? 0) + 4, class: 'jmlops-label' },
      h('title', {}, series.name),
      `${clipped(series.name)} ${shortNumber(end.value)}`
    )
  ]);
}

const clipped = (name: string): string => (name.length > 12 ? `${name.slice(0, 11)}…` : name);

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
