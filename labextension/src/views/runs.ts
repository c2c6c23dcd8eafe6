/** Many runs: as a table where there is room, as two-line rows where there is not. */

import type { Failure, Run } from '../wire';
import { gradeBadge, idMark, runDot, when } from './badge';
import { draw, h, type Child, type Drawn } from './draw';
import { emptyState, failureState, isMistake, loadingState, queryMistake } from './notice';
import { queryBox } from './querybox';
import { folded, table, type Column } from './table';
import { duration, shortNumber, type Setting } from './words';

export interface RunsRecord {
  /** Absent while the first answer is awaited. */
  readonly runs?: readonly Run[];
  readonly total: number;
  readonly query?: string;
  readonly failure?: Failure | null;
  readonly chosen?: ReadonlySet<string>;
}

export interface RunsCallbacks extends Setting {
  readonly open?: (run: string) => void;
  readonly choose?: (run: string, chosen: boolean) => void;
  readonly more?: () => void;
  readonly search?: (query: string, archived: boolean) => void;
}

const SHOWN_METRICS = 6;
const SHOWN_PARAMS = 8;

/** Draw runs as a table into *element*. */
export function drawRunsTable(element: Element, record: RunsRecord, callbacks: RunsCallbacks): void {
  const { search } = callbacks;
  const mistaken = isMistake(record.failure);
  draw(
    element,
    h(
      'div',
      { class: 'jmlops jmlops-runs' },
      search ? queryBox({ query: record.query ?? '', mistaken }, search, callbacks.trans) : null,
      record.failure && mistaken ? queryMistake(record.query ?? '', record.failure) : null,
      record.failure && !mistaken && record.runs ? failureState(record.failure) : null,
      states(record, callbacks) ?? wide(record, callbacks)
    )
  );
}

function states(record: RunsRecord, { trans }: RunsCallbacks): Child {
  if (record.failure && !record.runs) {
    return failureState(record.failure);
  }
  if (!record.runs) {
    return loadingState(trans);
  }
  if (record.runs.length === 0) {
    return record.query
      ? emptyState(trans.__('No run answers this query.'))
      : emptyState(
          trans.__('No runs yet. In a notebook, track a cell:'),
          '%load_ext jupyter_mlops\n%%track my-run'
        );
  }
  return null;
}

function wide(record: RunsRecord, callbacks: RunsCallbacks): Child {
  const { trans, open } = callbacks;
  const runs = record.runs ?? [];
  const params = folded(
    runs.map(run =>
      Object.fromEntries(Object.entries(run.params).map(([name, value]) => [name, String(value)]))
    )
  );
  const measured = [...new Set(runs.flatMap(run => Object.keys(run.metrics)))];
  const single = runs.length === 1;
  const columns: Column<Run>[] = [
    {
      name: 'run',
      title: trans.__('run'),
      cell: run => [
        runDot(run.status, trans),
        ' ',
        open ? link(run, open) : h('span', { class: 'jmlops-name', title: run.name }, run.name),
        ' ',
        idMark(run.id, trans)
      ]
    },
    { name: 'grade', title: trans.__('grade'), cell: run => gradeBadge(run.grade, trans, run.grade_reason) },
    { name: 'started', title: trans.__('started'), cell: run => when(run.started, callbacks) },
    {
      name: 'took',
      title: trans.__('took'),
      numeric: true,
      cell: run =>
        run.ended === null ? '…' : duration((Date.parse(run.ended) - Date.parse(run.started)) / 1000, trans)
    },
    ...(single ? [] : params.varying.slice(0, SHOWN_PARAMS)).map((name): Column<Run> => ({
      name: `params.${name}`,
      title: name,
      help: trans.__('parameter %1', name),
      numeric: runs.every(run => typeof run.params[name] !== 'string'),
      cell: run => paramText(run, name)
    })),
    ...measured.slice(0, SHOWN_METRICS).map((name): Column<Run> => ({
      name: `metrics.${name}`,
      title: name,
      help: trans.__('metric %1', name),
      numeric: true,
      cell: run => h('span', { title: String(run.metrics[name] ?? '') }, shortNumber(run.metrics[name]))
    }))
  ];
  const same = single ? [] : params.same;
  return [
    h(
      'p',
      { class: 'jmlops-aside' },
      trans._n('%2 of %1 run', '%2 of %1 runs', record.total, runs.length),
      same.length
        ? ` · ${trans.__('the same in all:')} ${same.map(([name, value]) => `${name} ${value}`).join(' · ')}`
        : null
    ),
    table(columns, runs, { caption: trans.__('Runs'), keyOf: run => run.id }),
    moreButton(record, callbacks)
  ];
}

function paramText(run: Run, name: string): Child {
  const value = run.params[name];
  return value === undefined ? '–' : typeof value === 'number' ? shortNumber(value) : String(value);
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

/** Runs as two-line rows. */
export function runsList(record: RunsRecord, callbacks: RunsCallbacks): Child {
  return states(record, callbacks) ?? rows(record, callbacks);
}

function rows(record: RunsRecord, callbacks: RunsCallbacks): Child {
  const { trans } = callbacks;
  const runs = record.runs ?? [];
  return [
    h(
      'ul',
      { class: 'jmlops-rows', 'aria-label': trans.__('Runs') },
      runs.map(run => h('li', { key: run.id, class: 'jmlops-item' }, row(run, record, callbacks)))
    ),
    h('p', { class: 'jmlops-aside' }, trans._n('%2 of %1 run', '%2 of %1 runs', record.total, runs.length)),
    moreButton(record, callbacks)
  ];
}

function row(run: Run, record: RunsRecord, callbacks: RunsCallbacks): Child {
  const { trans, open, choose } = callbacks;
  const metrics = Object.entries(run.metrics).slice(0, 3);
  return [
    choose &&
      h('input', {
        type: 'checkbox',
        class: 'jmlops-check',
        'aria-label': trans.__('Choose %1', run.name),
        checked: record.chosen?.has(run.id) ?? false,
        on: {
          change: event => {
            choose(run.id, event.target instanceof HTMLInputElement && event.target.checked);
          }
        }
      }),
    h(
      'div',
      { class: 'jmlops-item-body' },
      h(
        'div',
        { class: 'jmlops-item-line jmlops-item-title' },
        runDot(run.status, trans),
        open ? link(run, open) : run.name,
        h('span', { class: 'jmlops-aside jmlops-end-of-line' }, when(run.started, callbacks))
      ),
      h(
        'div',
        { class: 'jmlops-item-line jmlops-aside' },
        gradeBadge(run.grade, trans, run.grade_reason),
        h('span', { class: 'jmlops-name', title: run.experiment }, run.experiment),
        metrics.map(([name, value]) =>
          h('span', { key: name, title: String(value) }, `${name} ${shortNumber(value)}`)
        )
      )
    )
  ];
}

function moreButton(record: RunsRecord, { more, trans }: RunsCallbacks): Child {
  return more && record.total > (record.runs?.length ?? 0)
    ? h('button', { type: 'button', class: 'jmlops-button', on: { click: more } }, trans.__('Show more'))
    : null;
}
