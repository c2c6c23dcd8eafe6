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
  readonly steps: readonly [number, number];
  readonly values: readonly [number, number];
  readonly x: (step: number) => number;
  readonly y: (value: number) => number;
}

const DRAWN_POINTS = 400;
const [LEFT, BOTTOM] = [52, 16]; // where the ends of the axes are said

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
  const ends = (found: readonly number[]): readonly [number, number] => [
    found.reduce((a, b) => Math.min(a, b)),
    found.reduce((a, b) => Math.max(a, b))
  ];
  const scale = ([low, high]: readonly [number, number], start: number, end: number) => {
    const span = high - low;
    return (value: number): number => start + (span === 0 ? 0.5 : (value - low) / span) * (end - start);
  };
  const [across, up] = [ends(steps), ends(values)];
  return {
    steps: across,
    values: up,
    x: scale(across, LEFT, width - margin),
    y: scale(up, height - margin - BOTTOM, margin)
  };
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
  // The same run keeps its colour in every picture, also where a run before it has no curve.
  const drawable = all
    .map((series, colour) => ({ ...series, colour: colour % COLOURS }))
    .filter(series => finite(series.points).length > 1);
  const [width, height, label] = [460, 150, 110];
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
      ends(at, width - label, height, trans),
      curves(drawable, at, height - BOTTOM)
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

interface Coloured extends Series {
  readonly colour: number;
}

const COLOURS = 5;

/** From where to where the axes go. */
function ends({ steps, values, y }: Frame, width: number, height: number, trans: Setting['trans']): Child {
  const text = (x: number, at: number, anchor: string, said: string): Drawn =>
    h('text', { x, y: at, 'text-anchor': anchor, class: 'jmlops-label jmlops-tick' }, said);
  const both = values[0] === values[1] ? [values[0]] : values;
  return [
    h('path', {
      d: `M${LEFT - 6} 6V${height - BOTTOM}H${width}`,
      class: 'jmlops-axis',
      fill: 'none'
    }),
    both.map(value => text(LEFT - 10, y(value) + 4, 'end', shortNumber(value))),
    text(LEFT, height - 3, 'start', trans.__('step %1', shortNumber(steps[0]))),
    steps[0] === steps[1] ? null : text(width - 4, height - 3, 'end', shortNumber(steps[1]))
  ];
}

function curves(drawable: readonly Coloured[], at: Frame, height: number): Child[] {
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
    h('path', { d: path(series, at), class: `jmlops-line jmlops-series-${series.colour}` }),
    h('circle', {
      cx: at.x(end.step),
      cy: at.y(end.value),
      r: 2.5,
      class: `jmlops-end jmlops-series-${series.colour}`
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
