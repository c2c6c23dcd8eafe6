/** More runs than fit beside each other: lines across what they differ in, points over two of it, and a row each. */

import type { MetricRow, Run, RunComparison, ValueRow } from '../wire';
import { axesOf, within, type Axis, type Ranges } from './axes';
import { idMark, trustBadges } from './badge';
import { copying } from './copying';
import { h, type Child } from './draw';
import { parallel } from './parallel';
import { swatch } from './picture';
import { scatter } from './scatter';
import { section } from './section';
import { table, type Column } from './table';
import { alignedNumbers, alignedValues, toldApart, wholeText, type Setting } from './words';

/** From how many runs on. */
export const MANY = 5;

/** What a reader has drawn and picked. */
export interface Look {
  readonly ranges: Ranges;
  readonly x: string;
  readonly y: string;
}

export interface ManyCallbacks extends Setting {
  readonly openRun?: (run: string) => void;
  /** Of the runs that have one in the curves below. */
  readonly colours?: ReadonlyMap<string, number>;
  readonly look: (look: Look) => void;
}

/** The first parameter along the bottom, the metric that judges up the side. */
export function firstLook(comparison: RunComparison, { trans }: Setting): Look {
  const axes = axesOf(comparison, trans);
  const judged = comparison.metrics.find(row => row.best !== null)?.name;
  const y =
    axes.find(({ kind, name }) => kind === 'metric' && name === judged)?.key ?? axes.at(-1)?.key ?? '';
  return { ranges: new Map(), x: axes.find(axis => axis.key !== y)?.key ?? '', y };
}

export function manyRuns(comparison: RunComparison, look: Look, callbacks: ManyCallbacks): Child {
  const { trans } = callbacks;
  const { runs } = comparison;
  const axes = axesOf(comparison, trans);
  const best = comparison.metrics.find(row => row.best !== null)?.best ?? null;
  const inside = (place: number): boolean => within(axes, look.ranges, place);
  const kept = runs.filter((_, place) => inside(place));
  return [
    section(
      trans.__('What they differ in'),
      parallel(runs, drawable(axes), look.ranges, best, {
        ...callbacks,
        range: (axis, range) => {
          const ranges = new Map(look.ranges);
          if (range) {
            ranges.set(axis, range);
          } else {
            ranges.delete(axis);
          }
          callbacks.look({ ...look, ranges });
        }
      })
    ),
    section(
      trans.__('One over another'),
      scatter(runs, axes, look, inside, {
        ...callbacks,
        axis: (which, axis) => {
          callbacks.look({ ...look, [which]: axis });
        }
      })
    ),
    section(
      kept.length === runs.length
        ? trans.__('%1 runs', runs.length)
        : trans.__('%1 of %2 runs, within what was drawn', kept.length, runs.length),
      table(columns(comparison, best, callbacks), kept, {
        caption: trans.__('The compared runs'),
        keyOf: run => run.id,
        tall: true
      }),
      copying(() => asText(comparison, inside), trans)
    )
  ];
}

const coloured = (colour: number | undefined): Child => (colour === undefined ? null : swatch(colour));

/** What the pictures draw, a run a line, as far as it lies within what was drawn. */
function asText({ runs, params, metrics }: RunComparison, inside: (place: number) => boolean): string {
  const columns = [...params, ...metrics];
  const cell = (value: ValueRow['values'][number] | undefined): string =>
    value === null || value === undefined ? '' : wholeText(value).replace(/[\t\r\n]+/g, ' ');
  const rows = runs.flatMap((run, place) =>
    inside(place)
      ? [[run.name, run.id, ...columns.map(({ values }) => values[place])].map(cell).join('\t')]
      : []
  );
  return [['run', 'id', ...columns.map(({ name }) => name)].map(cell).join('\t'), ...rows].join('\n');
}

const MOST_AXES = 10;

/** As many as can be told apart: metrics, which are last, before parameters. */
const drawable = (axes: readonly Axis[]): readonly Axis[] => axes.slice(-MOST_AXES);

function columns(
  { runs, params, metrics }: RunComparison,
  best: number | null,
  { trans, openRun, colours }: ManyCallbacks
): readonly Column<Run>[] {
  const places = new Map(runs.map((run, place) => [run.id, place]));
  const placeOf = (run: Run): number => places.get(run.id) ?? -1;
  const name = (run: Run): Child =>
    openRun
      ? h(
          'button',
          {
            type: 'button',
            class: 'jmlops-link jmlops-name',
            title: run.name,
            on: {
              click: () => {
                openRun(run.id);
              }
            }
          },
          run.name
        )
      : h('span', { class: 'jmlops-name', title: run.name }, run.name);
  return [
    {
      name: 'run',
      title: trans.__('run'),
      cell: run =>
        h(
          'div',
          { class: 'jmlops-named' },
          placeOf(run) === best
            ? h('span', { role: 'img', 'aria-label': trans.__('best'), title: trans.__('best') }, '★')
            : null,
          coloured(colours?.get(run.id)),
          name(run),
          idMark(run.id, trans)
        )
    },
    {
      name: 'grade',
      title: trans.__('grade'),
      cell: run => trustBadges(run, trans)
    },
    ...params.map(row => figured(row, placeOf, trans.__('parameter %1', row.name), alignedValues)),
    ...metrics.map(row => figured(row, placeOf, trans.__('metric %1', row.name), alignedNumbers))
  ];
}

function figured(
  row: ValueRow | MetricRow,
  placeOf: (run: Run) => number,
  help: string,
  aligned: (values: readonly (number | undefined)[]) => readonly string[]
): Column<Run> {
  const numeric = row.values.every(
    value => value === null || typeof value === 'number' || 'direction' in row // a metric that is NaN
  );
  const there = (row.values as ValueRow['values']).map(value => value ?? undefined);
  const texts = numeric ? aligned(there as (number | undefined)[]) : there.map(toldApart(there));
  return {
    name: `${help} ${row.name}`,
    title: row.name,
    help,
    numeric,
    cell: run => {
      const value = row.values[placeOf(run)] ?? null;
      return h(
        'span',
        { class: 'jmlops-name', title: value === null ? undefined : wholeText(value) },
        texts[placeOf(run)] ?? '–'
      );
    }
  };
}
