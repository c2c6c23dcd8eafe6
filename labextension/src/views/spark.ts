/** How a run went, in a drawing no larger than a word. */

import type { RunCurve } from '../wire';
import { h, type Drawn } from './draw';
import { seriesClass } from './picture';
import { isFinite, linesIn, reach, share, spotsOf } from './points';
import { numberOf, type Translation } from './words';

const [WIDTH, HEIGHT, EDGE] = [88, 18, 3];

/** What is drawn, in words and whole numbers. */
export function sparkText({ key, count, values }: RunCurve, trans: Translation): string {
  const numbers = values.map(numberOf);
  const [low, high] = reach(numbers.filter(Number.isFinite)) ?? [NaN, NaN];
  return trans.__(
    '%1 over %2: from %3 to %4, between %5 and %6',
    key,
    trans._n('%1 point', '%1 points', count),
    String(numbers[0]),
    String(numbers[numbers.length - 1]),
    String(low),
    String(high)
  );
}

export function spark(curve: RunCurve, colour: number | undefined, trans: Translation): Drawn {
  const { steps, values } = curve;
  // A loop that gave no step logged them all at one: then their order is what lies below the curve.
  const stepped = steps.some(step => step !== steps[0]);
  const spots = spotsOf(
    values.map((value, place) => ({ step: steps[place] ?? place, value, sequence: place })),
    stepped
  );
  const there = spots.filter(isFinite);
  const across = reach(there.map(({ x }) => x)) ?? [0, 1];
  const up = reach(there.map(({ y }) => y)) ?? [0, 1];
  const scale = ([low, high]: readonly [number, number], value: number, from: number, to: number): string =>
    (from + share(low, high, value) * (to - from)).toFixed(1);
  const at = ([x, y]: readonly [number, number]): string =>
    `${scale(across, x, EDGE, WIDTH - EDGE)} ${scale(up, y, HEIGHT - EDGE, EDGE)}`;
  const end = there[there.length - 1];
  const [cx, cy] = end ? at([end.x, end.y]).split(' ') : [];
  const kind = colour === undefined ? '' : ` ${seriesClass(colour)}`;
  const said = sparkText(curve, trans);
  return h(
    'svg',
    {
      class: 'jmlops-spark',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      width: WIDTH,
      height: HEIGHT,
      role: 'img',
      'aria-label': said
    },
    h('title', {}, said),
    h('path', {
      d: linesIn(spots, across)
        .map(line => `M${line.map(at).join('L')}`)
        .join(''),
      class: `jmlops-line${kind}`
    }),
    end ? h('circle', { cx, cy, r: 2, class: `jmlops-end${kind}` }) : null
  );
}
