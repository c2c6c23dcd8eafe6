/** What a table of runs can show: each column with what it says of a run, and what a query calls it. */

import type { Figure, Run, RunCurve } from '../wire';
import { documentBadge, idMark, putAway, runBadge, runDot, trustBadges, when } from './badge';
import { h, type Child, type Drawn } from './draw';
import { spark, sparkText } from './spark';
import type { Column } from './table';
import {
  alignedNumbers,
  alignedValues,
  duration,
  shortNumber,
  toldApart,
  toldAt,
  type Setting
} from './words';

export interface RunColumn extends Column<Run> {
  /** What an order calls it; empty where it cannot be ordered by. */
  readonly key: string;
  /** What it says of a run, to tell whether it says the same of all. */
  readonly text: (run: Run) => string;
  /** Whether it is there without being asked for. */
  readonly usual: boolean;
  /** Whether it may fold away where it is the same in all rows. */
  readonly folds: boolean;
}

export interface ColumnsCallbacks extends Setting {
  readonly open?: (run: string) => void;
}

/** A curve of each run that has one, by its id; and the colours of those that are drawn elsewhere in the view. */
export interface Curves {
  readonly of: ReadonlyMap<string, RunCurve>;
  readonly colours?: ReadonlyMap<string, number>;
}

/** What a table is drawn from beside its runs. */
export interface Columns {
  readonly curves?: Curves;
  /** Metrics and parameters that the reader has ordered or filtered by: they have a column in any case. */
  readonly asked?: readonly string[];
}

const USUAL_METRICS = 6;
const USUAL_PARAMS = 8;

/** `metrics.mae`; a name that is not one word stands in quotation marks. */
export const keyOf = (scope: string, name: string): string =>
  /^[\w/-]+$/.test(name) ? `${scope}.${name}` : `${scope}."${name.replace(/["\\]/g, '\\$&')}"`;

const namesIn = (runs: readonly Run[], of: (run: Run) => object): readonly string[] => [
  ...new Set(runs.flatMap(run => Object.keys(of(run))))
];

/** Every column that says something of at least one of *runs*. */
export function runColumns(
  runs: readonly Run[],
  callbacks: ColumnsCallbacks,
  { curves = { of: new Map() }, asked = [] }: Columns = {}
): readonly RunColumn[] {
  return [
    ...facts(callbacks),
    ...params(runs, asked, callbacks),
    ...metrics(runs, asked, callbacks),
    ...curve(runs, curves, callbacks),
    ...tags(runs)
  ];
}

/** How each run went; the head names the metric where all curves are of one. */
function curve(runs: readonly Run[], { of, colours }: Curves, { trans }: Setting): readonly RunColumn[] {
  const there = runs.flatMap(run => of.get(run.id) ?? []);
  const keys = [...new Set(there.map(({ key }) => key))];
  const [key = ''] = keys;
  const cell = (run: Run): Child => {
    const found = of.get(run.id);
    return found
      ? h(
          'span',
          { class: 'jmlops-curve', title: sparkText(found, trans) },
          spark(found, colours?.get(run.id), trans),
          keys.length > 1 ? h('span', { class: 'jmlops-aside jmlops-name' }, found.key) : null
        )
      : '–';
  };
  return there.length === 0
    ? []
    : [
        {
          name: 'curve',
          key: '',
          title: keys.length === 1 ? trans.__('curve: %1', key) : trans.__('curve'),
          help: trans.__('How the metric of the run went that says most of it'),
          usual: true,
          folds: false,
          text: run => of.get(run.id)?.key ?? '',
          cell
        }
      ];
}

function facts(callbacks: ColumnsCallbacks): readonly RunColumn[] {
  const { trans, open } = callbacks;
  const took = (run: Run): string =>
    run.ended === null ? '…' : duration((Date.parse(run.ended) - Date.parse(run.started)) / 1000, trans);
  const fact = (
    name: string,
    key: string,
    title: string,
    text: (run: Run) => string,
    cell: (run: Run) => Child,
    more: Partial<RunColumn> = {}
  ): RunColumn => ({ name, key, title, text, cell, usual: true, folds: false, ...more });
  const asked = { usual: false } as const;
  return [
    fact(
      'run',
      'name',
      trans.__('run'),
      run => run.name,
      run => [
        runDot(run.status, trans),
        ' ',
        open ? link(run, open) : h('span', { class: 'jmlops-name', title: run.name }, run.name),
        ' ',
        idMark(run.id, trans),
        aside(putAway(run, trans))
      ]
    ),
    fact('experiment', 'experiment', trans.__('experiment'), run => run.experiment, experiment, {
      folds: true
    }),
    fact(
      'grade',
      'grade',
      trans.__('grade'),
      run => (run.document === 'unknown' ? run.grade : `${run.grade}, ${run.document}`),
      run => trustBadges(run, trans),
      { folds: true }
    ),
    fact(
      'started',
      'started',
      trans.__('started'),
      run => run.started,
      run => when(run.started, callbacks)
    ),
    fact('took', '', trans.__('took'), took, took, { numeric: true }),
    fact(
      'status',
      'status',
      trans.__('status'),
      run => run.status,
      run => runBadge(run.status, trans),
      asked
    ),
    fact(
      'document',
      'document',
      trans.__('notebook saved'),
      run => run.document,
      run => documentBadge(run.document, trans),
      asked
    ),
    fact(
      'notebook',
      'source.notebook',
      trans.__('notebook'),
      run => run.source.notebook ?? '',
      run => run.source.notebook ?? '–',
      asked
    ),
    fact(
      'by',
      'actor.name',
      trans.__('by'),
      run => run.actor.name,
      run => run.actor.name,
      asked
    )
  ];
}

const aside = (word: string): Child => (word ? h('span', { class: 'jmlops-aside' }, ` ${word}`) : null);

const experiment = (run: Run): Drawn =>
  h('span', { class: 'jmlops-name', title: run.experiment }, run.experiment);

function params(
  runs: readonly Run[],
  asked: readonly string[],
  { trans }: ColumnsCallbacks
): readonly RunColumn[] {
  const all = namesIn(runs, run => run.params).map((name): RunColumn => {
    const numeric = runs.every(run => ['number', 'undefined'].includes(typeof run.params[name]));
    const said = toldApart(runs.map(run => run.params[name]));
    const figures = numeric
      ? inColumn(runs, run => run.params[name] as number | undefined, alignedValues, said)
      : null;
    return {
      name: `params.${name}`,
      key: keyOf('params', name),
      title: name,
      help: trans.__('parameter %1', name),
      numeric,
      usual: true,
      folds: true,
      text: run => said(run.params[name]),
      cell: run => figures?.(run) ?? h('span', { class: 'jmlops-name' }, said(run.params[name]))
    };
  });
  let shown = 0;
  return all.map(column => ({
    ...column,
    usual: sameInAll(column, runs) || ++shown <= USUAL_PARAMS || asked.includes(column.name)
  }));
}

/** What was measured on data that a model has not seen before what was measured while it was fitted, and that before the fitting. */
function metrics(
  runs: readonly Run[],
  asked: readonly string[],
  { trans }: ColumnsCallbacks
): readonly RunColumn[] {
  const names = [...namesIn(runs, run => run.metrics)].sort((one, other) => toldAt(one) - toldAt(other));
  return names.map((name, index) => ({
    name: `metrics.${name}`,
    key: keyOf('metrics', name),
    title: name,
    help: trans.__('metric %1', name),
    numeric: true,
    usual: index < USUAL_METRICS || asked.includes(`metrics.${name}`),
    folds: false,
    text: run => String(run.metrics[name] ?? ''),
    cell: inColumn(runs, run => run.metrics[name], alignedNumbers, shortNumber)
  }));
}

function tags(runs: readonly Run[]): readonly RunColumn[] {
  return namesIn(runs, run => run.tags).map(name => ({
    name: `tags.${name}`,
    key: keyOf('tags', name),
    title: `#${name}`,
    usual: false,
    folds: false,
    text: run => run.tags[name] ?? '',
    cell: run => h('span', { class: 'jmlops-name', title: run.tags[name] }, run.tags[name] ?? '–')
  }));
}

/** The numbers of a column, one under the other by their points; the whole number under the pointer. */
function inColumn<T extends Figure>(
  runs: readonly Run[],
  of: (run: Run) => T | undefined,
  aligned: (values: readonly (T | undefined)[]) => readonly string[],
  alone: (value: T | undefined) => string
): (run: Run) => Drawn {
  const texts = aligned(runs.map(of));
  const places = new Map(runs.map((run, index) => [run.id, index]));
  return run => {
    const value = of(run);
    const place = places.get(run.id);
    return h(
      'span',
      { title: value === undefined ? undefined : String(value) },
      place === undefined ? alone(value) : (texts[place] ?? '–')
    );
  };
}

function link(run: Run, open: (run: string) => void): Drawn {
  return h(
    'button',
    {
      type: 'button',
      class: 'jmlops-link jmlops-name',
      title: run.name,
      on: {
        click: () => {
          open(run.id);
        }
      }
    },
    run.name
  );
}

const sameInAll = (column: RunColumn, runs: readonly Run[]): boolean =>
  runs.length > 1 && runs.every(run => column.text(run) === (runs[0] && column.text(runs[0])));

export interface Chosen {
  readonly shown: readonly RunColumn[];
  /** Columns that say the same of all, with what they say. */
  readonly same: readonly (readonly [string, string])[];
}

/** The columns to show: those a reader *named*, else the usual ones, of which what is the same in all folds away. */
export function chosenColumns(
  all: readonly RunColumn[],
  runs: readonly Run[],
  named: ReadonlySet<string> | null
): Chosen {
  if (named) {
    return { shown: all.filter(column => column.name === 'run' || named.has(column.name)), same: [] };
  }
  const usual = all.filter(column => column.usual);
  const folded = usual.filter(column => column.folds && sameInAll(column, runs));
  const first = runs[0];
  return {
    shown: usual.filter(column => !folded.includes(column)),
    same: first ? folded.map(column => [column.title, column.text(first)] as const) : []
  };
}
