/** Runs as a table: asked for by a query, ordered by a column, a page at a time, chosen to be compared. */

import type { Failure, Run, RunCurve } from '../wire';
import { chosenBar, type ChosenCallbacks } from './chosen';
import { chosenColumns, runColumns, type ColumnsCallbacks, type RunColumn } from './columns';
import { draw, h, type Child, type Drawn } from './draw';
import { foldersFold, type Folders } from './folders';
import { groupsTable, SEEDS, type Grouped, type Over } from './groups';
import { failureState, isMistake, queryMistake } from './notice';
import { queryBox } from './querybox';
import { runsStates } from './runs';
import { table, type Column } from './table';
import type { Translation } from './words';

export interface TableRecord {
  /** One page; absent while the first answer is awaited. */
  readonly runs?: readonly Run[];
  readonly total: number;
  readonly query?: string;
  /** The metrics and parameters that the page was filtered and ordered by: `metrics.mae`. */
  readonly asked?: readonly string[];
  /** As a query orders: `metrics.mae desc`. */
  readonly order?: string;
  /** How many runs stand on the pages before. */
  readonly before?: number;
  readonly more?: boolean;
  readonly archived?: boolean;
  readonly busy?: boolean;
  readonly failure?: Failure | null;
  readonly chosen?: ReadonlySet<string>;
  /** The columns a reader has named; null: the usual ones. */
  readonly columns?: ReadonlySet<string> | null;
  /** What a reader wants runs to be grouped over; null: a line for each run. */
  readonly wantedOver?: Over;
  /** The groups as they were answered last, maybe over something else; null: there are none yet. */
  readonly grouped?: Grouped | null;
  /** The curves of the runs that have one, by run. */
  readonly curves?: ReadonlyMap<string, RunCurve>;
  /** Of the runs that are drawn elsewhere in the view, by run. */
  readonly colours?: ReadonlyMap<string, number>;
}

export interface TableCallbacks extends ColumnsCallbacks, ChosenCallbacks {
  readonly search?: (query: string, archived: boolean) => void;
  readonly experiments?: Folders['experiments'];
  readonly order?: (order: string) => void;
  readonly turn?: (forward: boolean) => void;
  readonly choose?: (runs: readonly string[], chosen: boolean) => void;
  readonly group?: (over: Over) => void;
  readonly name?: (columns: ReadonlySet<string> | null) => void;
}

/** Draw runs as a table into *element*. */
export function drawRunsTable(element: Element, record: TableRecord, callbacks: TableCallbacks): void {
  const { search, trans } = callbacks;
  const mistaken = isMistake(record.failure);
  draw(
    element,
    h(
      'div',
      { class: 'jmlops jmlops-runs', 'aria-busy': record.busy === true ? 'true' : undefined },
      search
        ? queryBox({ query: record.query ?? '', mistaken, archived: record.archived }, search, trans)
        : null,
      search && callbacks.experiments
        ? foldersFold(
            {
              key: record.archived === true ? 'all' : '',
              experiments: callbacks.experiments,
              query: record.query ?? '',
              search: query => {
                search(query, record.archived === true);
              }
            },
            trans
          )
        : null,
      record.failure && mistaken ? queryMistake(record.query ?? '', record.failure) : null,
      record.failure && !mistaken && record.runs ? failureState(record.failure) : null,
      h(
        'div',
        { key: 'rows', class: mistaken ? 'jmlops-stale' : undefined },
        mistaken && !record.runs ? null : (runsStates(record, callbacks) ?? rows(record, callbacks))
      ),
      chosenBar(chosenOf(record), callbacks, trans)
    )
  );
}

function chosenOf(record: TableRecord) {
  const ids = [...(record.chosen ?? [])];
  return {
    count: ids.length,
    only: ids.length === 1 ? record.runs?.find(run => run.id === ids[0]) : undefined,
    archived: record.archived === true
  };
}

function rows(record: TableRecord, callbacks: TableCallbacks): Child {
  const { trans } = callbacks;
  const runs = record.runs ?? [];
  const { curves = new Map<string, RunCurve>(), colours } = record;
  const all = runColumns(runs, callbacks, { curves: { of: curves, colours }, asked: record.asked });
  const { shown, same } = chosenColumns(all, runs, record.columns ?? null);
  const heads = shown.map(column => headed(column, record.order ?? '', callbacks));
  const each = (): Child => [
    same.length
      ? h(
          'p',
          { class: 'jmlops-aside' },
          `${trans.__('the same in all:')} ${same.map(([name, value]) => `${name} ${value}`).join(' · ')}`
        )
      : null,
    table(callbacks.choose ? [boxes(record, callbacks.choose, trans), ...heads] : heads, runs, {
      caption: trans.__('Runs'),
      keyOf: run => run.id,
      tall: true
    })
  ];
  const isGrouped = typeof record.wantedOver === 'string';
  return [
    h(
      'div',
      { class: 'jmlops-actions' },
      h('span', { class: 'jmlops-aside', role: 'status' }, counted(record, trans)),
      isGrouped ? null : turning(record, callbacks),
      grouping(record, callbacks),
      isGrouped ? null : columnsFold(all, shown, callbacks)
    ),
    isGrouped ? groups(record, callbacks) : each()
  ];
}

/** Until it is answered what was answered before, under what it was asked for. */
function groups({ grouped, failure, chosen }: TableRecord, callbacks: TableCallbacks): Child {
  if (grouped) {
    return groupsTable(grouped, chosen ?? new Set(), callbacks);
  }
  // What has failed is said above, and nobody is at it.
  return failure ? null : h('p', { class: 'jmlops-aside', role: 'status' }, callbacks.trans.__('Grouping…'));
}

function grouping({ wantedOver, runs = [] }: TableRecord, { group, trans }: TableCallbacks): Child {
  if (!group) {
    return null;
  }
  const chosen = wantedOver ?? EACH;
  const option = (value: string, word: string): Drawn =>
    h('option', { key: value, value, selected: value === chosen }, word);
  return h(
    'label',
    { class: 'jmlops-aside', key: 'grouping' },
    trans.__('Group:'),
    ' ',
    h(
      'select',
      {
        class: 'jmlops-input jmlops-select',
        value: chosen,
        on: {
          change: event => {
            if (event.target instanceof HTMLSelectElement) {
              group(event.target.value === EACH ? null : event.target.value);
            }
          }
        }
      },
      option(EACH, trans.__('a line for each run')),
      option(SEEDS, trans.__('over seeds')),
      varying(runs, chosen).map(name => option(name, trans.__('over %1', name)))
    )
  );
}

/** Nothing that a parameter can be called. */
const EACH = '\u0000';
const MOST_VARYING = 30;

/** The parameters in which these runs differ, those that the reader has asked for in any case. */
export function varying(runs: readonly Run[], chosen: string): readonly string[] {
  const names = [...new Set(runs.flatMap(({ params }) => Object.keys(params)))];
  const differ = names.filter(
    name => new Set(runs.map(({ params }) => JSON.stringify(params[name]))).size > 1
  );
  const asked = chosen === EACH || chosen === SEEDS ? [] : [chosen];
  return [...new Set([...asked, ...differ.sort().slice(0, MOST_VARYING)])];
}

/** `101–200 of 10,412 runs`; without the place where all of them are here. */
function counted(record: TableRecord, trans: Translation): string {
  const [length, before, total] = [record.runs?.length ?? 0, record.before ?? 0, record.total];
  const grouped = total.toLocaleString('en-US');
  return length === total
    ? trans._n('%1 run', '%2 runs', total, grouped)
    : trans.__(
        '%1–%2 of %3 runs',
        (before + 1).toLocaleString('en-US'),
        (before + length).toLocaleString('en-US'),
        grouped
      );
}

function turning({ before = 0, more, busy }: TableRecord, { turn, trans }: TableCallbacks): Child {
  if (!turn || (before === 0 && more !== true)) {
    return null;
  }
  const button = (word: string, name: string, forward: boolean, there: boolean): Drawn =>
    h(
      'button',
      {
        type: 'button',
        class: 'jmlops-button',
        'aria-label': name,
        disabled: !there || busy === true,
        on: {
          click: () => {
            turn(forward);
          }
        }
      },
      word
    );
  return [
    button('‹', trans.__('Page before'), false, before > 0),
    button('›', trans.__('Next page'), true, more === true)
  ];
}

function columnsFold(
  all: readonly RunColumn[],
  shown: readonly RunColumn[],
  callbacks: TableCallbacks
): Child {
  const { name: named, trans } = callbacks;
  if (!named) {
    return null;
  }
  const there = new Set(shown.map(column => column.name));
  const toggle = (column: RunColumn, on: boolean): void => {
    const next = new Set(there);
    if (on) {
      next.add(column.name);
    } else {
      next.delete(column.name);
    }
    named(next);
  };
  return h(
    'details',
    { class: 'jmlops-action', key: 'columns' },
    h('summary', { class: 'jmlops-button' }, trans.__('Columns')),
    h(
      'div',
      { class: 'jmlops-choices' },
      all
        .filter(column => column.name !== 'run')
        .map(column =>
          h(
            'label',
            { key: column.name },
            h('input', {
              type: 'checkbox',
              checked: there.has(column.name),
              on: {
                change: event => {
                  toggle(column, event.target instanceof HTMLInputElement && event.target.checked);
                }
              }
            }),
            ' ',
            column.name
          )
        ),
      h(
        'button',
        {
          type: 'button',
          class: 'jmlops-quiet',
          on: {
            click: () => {
              named(null);
            }
          }
        },
        trans.__('The usual ones')
      )
    )
  );
}

/** A column whose head orders by it: first the way people look, then the other, then not at all. */
function headed(column: RunColumn, order: string, { order: ask, trans }: TableCallbacks): Column<Run> {
  const { key } = column;
  if (!ask || !key) {
    return column;
  }
  const sorted = order === key ? 'ascending' : order === `${key} desc` ? 'descending' : undefined;
  const first = column.numeric || key === 'started' ? [`${key} desc`, key] : [key, `${key} desc`];
  const next = first[first.indexOf(order) + 1] ?? '';
  return {
    ...column,
    sorted,
    head: h(
      'button',
      {
        type: 'button',
        class: 'jmlops-head',
        title: column.help ?? trans.__('Order by %1', column.title),
        on: {
          click: () => {
            ask(next);
          }
        }
      },
      column.title,
      sorted ? h('span', { 'aria-hidden': 'true' }, sorted === 'ascending' ? ' ↑' : ' ↓') : null
    )
  };
}

function boxes(
  record: TableRecord,
  choose: (runs: readonly string[], chosen: boolean) => void,
  trans: Translation
): Column<Run> {
  const runs = record.runs ?? [];
  const box = (label: string, checked: boolean, ids: readonly string[]): Drawn =>
    h('input', {
      type: 'checkbox',
      'aria-label': label,
      checked,
      on: {
        change: event => {
          choose(ids, event.target instanceof HTMLInputElement && event.target.checked);
        }
      }
    });
  return {
    name: 'choose',
    title: '',
    head: box(
      trans.__('Choose all runs of this page'),
      runs.every(run => record.chosen?.has(run.id)),
      runs.map(run => run.id)
    ),
    cell: run => box(trans.__('Choose %1', run.name), record.chosen?.has(run.id) ?? false, [run.id])
  };
}
