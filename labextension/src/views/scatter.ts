/** Runs as points over two of the things they differ in. */

import type { Run } from '../wire';
import { part, type Axis } from './axes';
import { h, OWN_KEYS, type Child, type Drawn } from './draw';
import { clipped, seriesClass } from './picture';
import type { Setting } from './words';

export interface ScatterCallbacks extends Setting {
  /** Of the runs that have one in other pictures of the view. */
  readonly colours?: ReadonlyMap<string, number>;
  readonly axis: (which: 'x' | 'y', key: string) => void;
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, EDGE] = [460, 240, 56, 34, 12];
const NAMED = 8; // points with names beside them; more would lie on each other
const NAME = 14; // characters

export function scatter(
  runs: readonly Run[],
  axes: readonly Axis[],
  chosen: { readonly x: string; readonly y: string },
  inside: (place: number) => boolean,
  callbacks: ScatterCallbacks
): Drawn | null {
  const x = axes.find(axis => axis.key === chosen.x);
  const y = axes.find(axis => axis.key === chosen.y);
  if (!x || !y) {
    return null;
  }
  const { trans } = callbacks;
  return h(
    'figure',
    { class: 'jmlops-scatter', key: 'scatter' },
    h(
      'div',
      { class: 'jmlops-row' },
      select('y', y.key, axes, callbacks),
      trans.__('over'),
      select('x', x.key, axes, callbacks)
    ),
    h(
      'svg',
      {
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        role: 'img',
        'aria-label': trans.__('%1 runs, %2 over %3', runs.length, y.title, x.title)
      },
      h('path', {
        d: `M${LEFT} ${EDGE}V${HEIGHT - BOTTOM}H${WIDTH - EDGE}`,
        class: 'jmlops-axis',
        fill: 'none'
      }),
      ticks(x, y),
      runs.map((run, place) => {
        const [a, b] = [x.values[place], y.values[place]];
        return typeof a === 'number' && typeof b === 'number'
          ? point(
              run,
              { axis: x, value: a },
              { axis: y, value: b },
              {
                inside: inside(place),
                named: runs.length <= NAMED,
                colour: callbacks.colours?.get(run.id)
              }
            )
          : null;
      })
    )
  );
}

const xOf = (axis: Axis, value: number): number =>
  LEFT + 10 + part(axis, value) * (WIDTH - LEFT - EDGE - 20 - 60);
const yOf = (axis: Axis, value: number): number =>
  EDGE + 8 + (1 - part(axis, value)) * (HEIGHT - EDGE - BOTTOM - 16);

function ticks(x: Axis, y: Axis): Child {
  const text = (at: readonly [number, number], anchor: string, said: string): Drawn =>
    h('text', { x: at[0], y: at[1], 'text-anchor': anchor, class: 'jmlops-label' }, said);
  const ends = (axis: Axis): readonly number[] =>
    axis.low === axis.high ? [axis.low] : [axis.low, axis.high];
  return [
    ends(x).map(value => text([xOf(x, value), HEIGHT - BOTTOM + 14], 'middle', x.say(value))),
    ends(y).map(value => text([LEFT - 6, yOf(y, value) + 4], 'end', y.say(value))),
    text([(LEFT + WIDTH) / 2, HEIGHT - 5], 'middle', x.name)
  ];
}

interface Place {
  readonly axis: Axis;
  readonly value: number;
}

interface Look {
  readonly inside: boolean;
  readonly named: boolean;
  readonly colour: number | undefined;
}

function point(run: Run, x: Place, y: Place, { inside, named, colour }: Look): Drawn {
  const [cx, cy] = [xOf(x.axis, x.value), yOf(y.axis, y.value)];
  // Words have places in a row; their number says nothing.
  const whole = ({ axis, value }: Place): string =>
    `${axis.title} ${axis.worded ? axis.say(value) : String(value)}`;
  return h(
    'g',
    { key: run.id, class: inside ? 'jmlops-point' : 'jmlops-point jmlops-point-out' },
    h('circle', {
      cx,
      cy,
      r: 4.5,
      class: colour === undefined ? undefined : `jmlops-end ${seriesClass(colour)}`
    }),
    h('title', {}, `${run.name}: ${whole(x)}, ${whole(y)}`),
    named && inside
      ? h('text', { x: cx + 8, y: cy + 4, class: 'jmlops-label' }, clipped(run.name, NAME))
      : null
  );
}

function select(which: 'x' | 'y', value: string, axes: readonly Axis[], callbacks: ScatterCallbacks): Drawn {
  const { trans, axis: change } = callbacks;
  return h(
    'select',
    {
      class: 'jmlops-input jmlops-select',
      ...OWN_KEYS,
      'aria-label': which === 'x' ? trans.__('Along the bottom') : trans.__('Along the side'),
      value,
      on: {
        change: event => {
          if (event.target instanceof HTMLSelectElement) {
            change(which, event.target.value);
          }
        }
      }
    },
    axes.map(axis => h('option', { value: axis.key, key: axis.key }, axis.title))
  );
}
