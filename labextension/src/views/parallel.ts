/** Runs as lines across what they differ in; a stretch of an axis, drawn or typed, leaves only the runs within it. */

import type { Run } from '../wire';
import { part, within, type Axis, type Ranges } from './axes';
import { h, type Child, type Drawn } from './draw';
import { seriesClass } from './picture';
import type { Setting } from './words';

export interface ParallelCallbacks extends Setting {
  /** Of the runs that have one in other pictures of the view. */
  readonly colours?: ReadonlyMap<string, number>;
  /** Allow only this stretch of an axis; null: all of it. */
  readonly range: (axis: string, range: readonly [number, number] | null) => void;
}

const STEP = 120;
const [TOP, HEIGHT, BOTTOM] = [34, 190, 20];
const DRAGGED = 3; // pixels from which a press is a stretch and not a click

export function parallel(
  runs: readonly Run[],
  axes: readonly Axis[],
  ranges: Ranges,
  best: number | null,
  callbacks: ParallelCallbacks
): Drawn | null {
  if (axes.length < 2) {
    return null;
  }
  const { trans, colours } = callbacks;
  const width = STEP * axes.length;
  return h(
    'figure',
    { class: 'jmlops-parallel', key: 'parallel' },
    h(
      'div',
      { class: 'jmlops-scroll' },
      h(
        'svg',
        {
          viewBox: `0 0 ${width} ${TOP + HEIGHT + BOTTOM}`,
          width,
          role: 'img',
          'aria-label': trans.__(
            '%1 runs across %2; the table below says the same in numbers',
            runs.length,
            axes.map(axis => axis.title).join(', ')
          )
        },
        runs.map((run, place) =>
          strand(run, place, axes, classOf(within(axes, ranges, place), place === best, colours?.get(run.id)))
        ),
        axes.map((axis, index) => drawnAxis(axis, index, ranges, callbacks))
      )
    ),
    typed(axes, ranges, callbacks)
  );
}

const xOf = (index: number): number => STEP / 2 + index * STEP;
const yOf = (axis: Axis, value: number): number => TOP + (1 - part(axis, value)) * HEIGHT;

function classOf(inside: boolean, best: boolean, colour: number | undefined): string {
  const kinds = [
    'jmlops-strand',
    inside ? '' : 'jmlops-strand-out',
    inside && best ? 'jmlops-strand-best' : '',
    inside && colour !== undefined ? seriesClass(colour) : ''
  ];
  return kinds.filter(Boolean).join(' ');
}

function strand(run: Run, place: number, axes: readonly Axis[], kind: string): Drawn {
  let pen = 'M';
  const path = axes
    .map((axis, index) => {
      const value = axis.values[place];
      if (value === null || value === undefined) {
        pen = 'M'; // a run without a value leaves a gap
        return '';
      }
      const step = `${pen}${xOf(index)} ${yOf(axis, value).toFixed(1)}`;
      pen = 'L';
      return step;
    })
    .join('');
  return h('path', { d: path, class: kind, key: `strand ${run.id}` }, h('title', {}, run.name));
}

function drawnAxis(axis: Axis, index: number, ranges: Ranges, callbacks: ParallelCallbacks): Drawn {
  const x = xOf(index);
  const range = ranges.get(axis.key);
  const better = { lower: ' ↓', higher: ' ↑' };
  const text = (y: number, said: string, more = ''): Drawn =>
    h('text', { x, y, 'text-anchor': 'middle', class: `jmlops-label${more}` }, said);
  return h(
    'g',
    { key: axis.key },
    h('line', { x1: x, x2: x, y1: TOP, y2: TOP + HEIGHT, class: 'jmlops-axis' }),
    range
      ? h('rect', {
          key: 'range',
          x: x - 7,
          width: 14,
          y: yOf(axis, range[1]) - 2,
          height: Math.max(4, yOf(axis, range[0]) - yOf(axis, range[1]) + 4),
          class: 'jmlops-range'
        })
      : null,
    h(
      'g',
      {},
      h('title', {}, axis.title),
      text(12, clipped(axis.name) + (axis.direction ? better[axis.direction] : ''), ' jmlops-label-name')
    ),
    text(TOP - 6, axis.say(axis.high)),
    text(TOP + HEIGHT + 14, axis.high === axis.low ? '' : axis.say(axis.low)),
    h('rect', {
      key: 'brush', // the same element throughout a drag
      x: x - 16,
      y: TOP - 4,
      width: 32,
      height: HEIGHT + 8,
      class: 'jmlops-brush',
      'data-axis': axis.name,
      on: brushing(axis, callbacks)
    })
  );
}

/** Where a press began, by the element that was pressed. */
const pressed = new WeakMap<Element, number>();

function brushing(axis: Axis, { range }: ParallelCallbacks) {
  const valueAt = (element: Element, y: number): number => {
    const box = element.getBoundingClientRect();
    const inset = (4 / (HEIGHT + 8)) * box.height;
    const share = 1 - (y - box.top - inset) / Math.max(1, box.height - 2 * inset);
    return axis.low + Math.min(1, Math.max(0, share)) * (axis.high - axis.low);
  };
  const stretched = (event: Event, done: boolean): void => {
    const element = event.currentTarget;
    if (!(event instanceof MouseEvent) || !(element instanceof Element)) {
      return;
    }
    const from = pressed.get(element);
    if (from === undefined) {
      return;
    }
    if (done) {
      pressed.delete(element);
    }
    if (Math.abs(event.clientY - from) > DRAGGED) {
      const ends = [valueAt(element, from), valueAt(element, event.clientY)] as const;
      range(axis.key, [Math.min(...ends), Math.max(...ends)]);
    } else if (done) {
      range(axis.key, null);
    }
  };
  return {
    pointerdown: (event: Event): void => {
      const element = event.currentTarget;
      if (event instanceof PointerEvent && element instanceof Element) {
        event.preventDefault();
        element.setPointerCapture(event.pointerId);
        pressed.set(element, event.clientY);
      }
    },
    pointermove: (event: Event): void => {
      stretched(event, false);
    },
    pointerup: (event: Event): void => {
      stretched(event, true);
    },
    // The browser has taken the pointer, as to scroll: no other event ends the press.
    pointercancel: (event: Event): void => {
      if (event.currentTarget instanceof Element) {
        pressed.delete(event.currentTarget);
      }
    }
  };
}

/** The same by keyboard. */
function typed(axes: readonly Axis[], ranges: Ranges, { range, trans }: ParallelCallbacks): Drawn {
  const field = (axis: Axis, end: 0 | 1): Drawn => {
    const kept = ranges.get(axis.key);
    return h('input', {
      type: 'number',
      step: 'any',
      class: 'jmlops-input',
      'aria-label': end ? trans.__('%1 at most', axis.title) : trans.__('%1 at least', axis.title),
      placeholder: axis.worded ? String(end ? axis.high : axis.low) : axis.say(end ? axis.high : axis.low),
      value: kept ? String(kept[end]) : '',
      on: {
        change: event => {
          const text = event.target instanceof HTMLInputElement ? event.target.value : '';
          const [low, high] = kept ?? [axis.low, axis.high];
          const given = text === '' ? (end ? axis.high : axis.low) : Number(text);
          const next = end ? ([low, given] as const) : ([given, high] as const);
          range(axis.key, next[0] <= axis.low && next[1] >= axis.high ? null : next);
        }
      }
    });
  };
  return h(
    'details',
    { key: 'typed' },
    h('summary', {}, trans.__('Draw along an axis to keep only the runs within, or type what is kept')),
    h(
      'div',
      { class: 'jmlops-ranges' },
      axes.map((axis): Child =>
        h(
          'div',
          { key: axis.key, class: 'jmlops-row' },
          h('span', { class: 'jmlops-name', title: axis.title }, axis.title),
          field(axis, 0),
          '–',
          field(axis, 1)
        )
      )
    )
  );
}

const clipped = (name: string): string => (name.length > 15 ? `${name.slice(0, 14)}…` : name);
