/** Many runs as two-line rows, for a place that has no room for a table. */

import type { Failure, Run } from '../wire';
import { putAway, runDot, trustBadges, when } from './badge';
import { h, type Child, type Drawn } from './draw';
import { emptyState, failureState, loadingState } from './notice';
import { shortNumber, type Setting } from './words';

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

/** What stands in place of rows: nothing yet, nothing at all, no answer; null where there are rows. */
export function runsStates(
  record: { readonly runs?: readonly Run[]; readonly query?: string; readonly failure?: Failure | null },
  { trans }: Setting
): Child {
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
          trans.__('No runs yet.'),
          trans.__('In a notebook, track a cell:'),
          '%load_ext jupyter_mlops\n%%track my-run'
        );
  }
  return null;
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
  return runsStates(record, callbacks) ?? rows(record, callbacks);
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
  const away = putAway(run, trans);
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
        away ? h('span', {}, away) : null,
        trustBadges(run, trans),
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
