/** Runs beside each other: one sentence, then only what differs. */

import type { CodeDifference, MetricRow, Run, RunComparison, ValueRow } from '../wire';
import { badge, idMark, trustBadges, when } from './badge';
import { chart } from './chart';
import { codeChange, moduleChange } from './code';
import { draw, h, type Child, type Drawn } from './draw';
import { firstLook, MANY, manyRuns, type Look } from './many';
import { swatch } from './picture';
import type { Bring, Series, Stretch } from './points';
import { section } from './section';
import { figureRow, isOf, shown, type Pictures } from './shown';
import { table, type Column } from './table';
import {
  duration,
  nowOf,
  numberOf,
  shortDigest,
  shortId,
  shortNumber,
  signed,
  toldApart,
  wholeText,
  type Setting,
  type Translation
} from './words';

/** One metric, one line a run. */
export interface Picture {
  readonly name: string;
  readonly series: readonly Series[];
}

export interface CompareRecord {
  readonly comparison: RunComparison;
  /** One picture a metric, one line a run. */
  readonly curves?: readonly Picture[];
  /** Of the figures that differ, as far as they are at hand. */
  readonly pictures?: Pictures;
}

export interface CompareCallbacks extends Setting {
  readonly openRun?: (run: string) => void;
  readonly points?: Bring;
}

/** What a reader has drawn and picked, by the element that shows it and the runs it shows. */
const looks = new WeakMap<Element, { readonly runs: string; readonly look: Look }>();

/** Draw a comparison into *element*. */
export function drawComparison(element: Element, record: CompareRecord, callbacks: CompareCallbacks): void {
  const { comparison } = record;
  const { trans } = callbacks;
  const runs = comparison.runs.map(run => run.id).join();
  const before = looks.get(element);
  const look = before?.runs === runs ? before.look : firstLook(comparison, callbacks);
  const many = comparison.runs.length >= MANY;
  const colours = coloursOf(record);
  draw(
    element,
    h(
      'article',
      { class: 'jmlops jmlops-compare', 'aria-label': trans.__('Comparison of runs') },
      h('p', { class: 'jmlops-headline' }, comparison.headline),
      many
        ? manyRuns(comparison, look, {
            ...callbacks,
            colours,
            look: next => {
              looks.set(element, { runs, look: next });
              drawComparison(element, record, callbacks);
            }
          })
        : metrics(comparison, colours, callbacks),
      record.curves?.length
        ? h(
            'div',
            { class: 'jmlops-pictures', key: 'curves' },
            record.curves.map(picture => curves(picture, comparison.runs, callbacks))
          )
        : null,
      many ? null : values(trans.__('Parameters'), comparison.params, comparison.runs),
      values(trans.__('Data'), comparison.data, comparison.runs, value =>
        // Data without a digest are told by what is known of them, in words.
        typeof value === 'string' && !value.includes(' ') ? shortDigest(value) : null
      ),
      values(trans.__('Environment'), comparison.environment, comparison.runs),
      code(comparison, record.pictures ?? {}, trans),
      figures(comparison, record.pictures ?? {}, trans)
    )
  );
}

/** The colour of each run that is drawn as a line, by its id: the same in every picture of the view. */
export function coloursOf({ comparison, curves = [] }: CompareRecord): ReadonlyMap<string, number> {
  const lines = curves[0]?.series.map(
    ({ run }, place) => [run ?? comparison.runs[place]?.id ?? '', place] as const
  );
  return new Map(lines);
}

function curves(picture: Picture, runs: readonly Run[], { points, ...setting }: CompareCallbacks): Drawn {
  const between = points && (({ run = '' }: Series, stretch: Stretch) => points(run, picture.name, stretch));
  const named = picture.series.map(series => {
    const run = runs.find(({ id }) => id === series.run);
    return run ? { ...series, name: titleOf(run, runs) } : series;
  });
  return h('section', { class: 'jmlops-part', key: `curve ${picture.name}` }, [
    h('h4', {}, picture.name),
    chart(named, { ...setting, between })
  ]);
}

type Value = ValueRow['values'][number];

/** Of what one run has and the other has not, nothing is said. */
const MISSING = '–';

function head(run: Run, { openRun }: CompareCallbacks): Child {
  return openRun
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
}

function metrics(
  comparison: RunComparison,
  colours: ReadonlyMap<string, number>,
  callbacks: CompareCallbacks
): Drawn {
  const { trans } = callbacks;
  const { runs } = comparison;
  const facts: readonly (readonly [string, (run: Run) => Child])[] = [
    [trans.__('run'), run => idMark(run.id, trans)],
    [trans.__('started'), run => when(run.started, callbacks)],
    [trans.__('took'), run => duration(secondsOf(run, callbacks), trans)],
    [trans.__('grade'), run => trustBadges(run, trans)]
  ];
  return section(
    trans.__('Metrics'),
    h(
      'div',
      { class: 'jmlops-scroll' },
      h(
        'table',
        { class: 'jmlops-table jmlops-fold-first' },
        h('caption', { class: 'jmlops-hidden' }, trans.__('Metrics of the compared runs')),
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('td', {}),
            runs.map(run =>
              h(
                'th',
                { scope: 'col', key: run.id, class: 'jmlops-number' },
                swatchOf(run, colours),
                head(run, callbacks)
              )
            ),
            runs.length === 2
              ? h('th', { scope: 'col', class: 'jmlops-number' }, trans.__('difference'))
              : null
          )
        ),
        h(
          'tbody',
          {},
          facts.map(([title, cell]) =>
            h(
              'tr',
              { key: `fact ${title}` },
              h('th', { scope: 'row' }, title),
              runs.map(run => h('td', { class: 'jmlops-number' }, cell(run))),
              runs.length === 2 ? h('td', {}) : null
            )
          ),
          comparison.metrics.map(row => measured(row, runs.length, trans))
        )
      )
    )
  );
}

const swatchOf = (run: Run, colours: ReadonlyMap<string, number>): Child => {
  const colour = colours.get(run.id);
  return colour === undefined ? null : [swatch(colour), ' '];
};

const secondsOf = (run: Run, setting: Setting): number =>
  Math.max(
    0,
    ((run.ended === null ? nowOf(setting) : Date.parse(run.ended)) - Date.parse(run.started)) / 1000
  );

/** Runs that share the best value are all the best. */
const isBest = ({ best, values }: MetricRow, value: MetricRow['values'][number]): boolean =>
  best !== null && value !== null && value === values[best];

function measured(row: MetricRow, runs: number, trans: Translation): Drawn {
  const directions = { lower: trans.__('lower is better'), higher: trans.__('higher is better') };
  return h(
    'tr',
    { key: `metric ${row.name}` },
    h(
      'th',
      { scope: 'row' },
      row.name,
      row.direction ? h('span', { class: 'jmlops-aside' }, ` ${directions[row.direction]}`) : null
    ),
    row.values.map(value =>
      h(
        'td',
        { class: 'jmlops-number', title: value === null ? undefined : String(value) },
        isBest(row, value) ? h('strong', {}, trans.__('best'), ' ', shortNumber(value)) : shortNumber(value)
      )
    ),
    runs === 2 ? h('td', { class: 'jmlops-number' }, difference(row, trans)) : null
  );
}

/** The second run against the first, by the metric's own direction. */
function difference(row: MetricRow, trans: Translation): Child {
  if (row.difference === null) {
    return '–';
  }
  const number = numberOf(row.difference);
  if (number === 0) {
    return trans.__('equal');
  }
  const text = h('span', { title: String(row.difference) }, signed(row.difference), ' ');
  if (row.direction === null) {
    return text;
  }
  const better = number < 0 === (row.direction === 'lower');
  return [text, better ? badge('▲', trans.__('better'), 'good') : badge('▼', trans.__('worse'), 'bad')];
}

function values(
  title: string,
  rows: readonly ValueRow[],
  runs: readonly Run[],
  short: (value: Value) => string | null = () => null
): Drawn | null {
  if (rows.length === 0) {
    return null;
  }
  const said = new Map(
    rows.map(row => [row, toldApart(row.values.filter(value => value !== null))] as const)
  );
  const columns: Column<ValueRow>[] = [
    { name: 'name', title: '', cell: row => h('span', { class: 'jmlops-aside' }, row.name) },
    ...runs.map((run, index): Column<ValueRow> => ({
      name: run.id,
      title: titleOf(run, runs),
      numeric: rows.every(row => typeof row.values[index] === 'number'),
      cell: row => {
        const value = row.values[index] ?? null;
        return value === null
          ? MISSING
          : h(
              'span',
              { class: 'jmlops-name', title: wholeText(value) },
              short(value) ?? said.get(row)?.(value)
            );
      }
    }))
  ];
  return section(title, table(columns, rows, { caption: title, keyOf: row => row.name }));
}

function code(comparison: RunComparison, pictures: Pictures, trans: Translation): Child {
  return comparison.code.map(difference =>
    section(
      comparison.code.length > 1
        ? trans.__('Code of %1', nameOf(comparison, difference.run))
        : trans.__('Code'),
      changed(difference, sidesOf(comparison, difference), pictures, trans)
    )
  );
}

/** The cells that differ, each with what it showed; modules; and cells that are the same and showed something else. */
function changed(
  { changes, modules, outputs }: CodeDifference,
  sides: readonly string[],
  pictures: Pictures,
  trans: Translation
): Drawn[] {
  const differing = changes.filter(change => change.kind !== 'same');
  const rest = outputs.filter(output => !differing.some(change => isOf(output, change)));
  return [
    ...differing.flatMap((change, place) => [
      codeChange(change, trans, changes.length === 1),
      ...outputs
        .filter(output => differing.findIndex(one => isOf(output, one)) === place)
        .map(output => shown(output, sides, pictures, trans, false))
    ]),
    ...modules.map(change => moduleChange(change, trans)),
    ...rest.map(output => shown(output, sides, pictures, trans, true))
  ];
}

const sidesOf = (comparison: RunComparison, { run }: CodeDifference): readonly string[] =>
  [comparison.runs[0]?.id ?? '', run].map(id => nameOf(comparison, id));

/** Figures of which no cell is known. */
function figures({ figures: rows, runs }: RunComparison, pictures: Pictures, trans: Translation): Child {
  const names = runs.map(run => titleOf(run, runs));
  return rows.length === 0
    ? null
    : section(
        trans.__('Figures'),
        rows.map(row => figureRow(row, names, pictures, trans))
      );
}

/** Runs of one name are told apart by their ids. */
const titleOf = (run: Run, runs: readonly Run[]): string =>
  runs.filter(({ name }) => name === run.name).length > 1 ? `${run.name} ${shortId(run.id)}` : run.name;

function nameOf({ runs }: RunComparison, id: string): string {
  const run = runs.find(found => found.id === id);
  return run ? titleOf(run, runs) : id;
}
