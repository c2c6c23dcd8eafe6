/** One run: what it measured first, what it rests on under that. */

import type { Failure, MetricRow, Run } from '../wire';
import { actions, press, type ActionCallbacks, type ActionRecord } from './actions';
import { badge, documentBadge, gradeBadge, idMark, putAway, runDot, runWord, when } from './badge';
import { chart } from './chart';
import { draw, h, type Child, type Drawn } from './draw';
import { environment } from './environment';
import { facts, fold, pairs, system } from './facts';
import type { Look } from './files';
import { failureState } from './notice';
import type { Bring, Series, Stretch } from './points';
import { absolute, duration, nowOf, numberOf, shortId, shortNumber, signed, type Translation } from './words';

export interface RunRecord extends ActionRecord {
  readonly curves?: readonly Series[];
  readonly failure?: Failure | null;
}

export interface RunCallbacks extends ActionCallbacks {
  readonly openRun?: (run: string) => void;
  /** Open the run's notebook, at a cell where one is named. */
  readonly openNotebook?: (cell: string | null) => void;
  readonly points?: Bring;
  readonly look?: Look;
}

const SHOWN_METRICS = 8;
const SHOWN_CURVES = 4;

/** Draw a run's card into *element*. */
export function drawRun(element: Element, record: RunRecord, callbacks: RunCallbacks): void {
  draw(element, runCard(record, callbacks));
}

export function runCard(record: RunRecord, callbacks: RunCallbacks): Drawn {
  const { run } = record;
  const { trans } = callbacks;
  return h(
    'article',
    { class: 'jmlops jmlops-run', key: run.id, 'aria-label': trans.__('Run %1', run.name) },
    heading(record, callbacks),
    run.deleted === null
      ? null
      : h(
          'p',
          { key: 'deleted' },
          h(
            'strong',
            {},
            trans.__(
              'Deleted %1. Until it is collected, %2 brings it back.',
              absolute(run.deleted),
              `jupyter mlops restore ${shortId(run.id)}`
            )
          )
        ),
    wrong(record, callbacks),
    trust(run, trans),
    metrics(record, callbacks),
    curves(record.curves ?? [], run.id, callbacks),
    facts(record, callbacks),
    run.notes.map((note, place) =>
      h('p', { class: 'jmlops-aside', key: `note ${place}` }, trans.__('Note: %1', note))
    ),
    environment(record, callbacks),
    system(run, trans),
    record.failure ? failureState(record.failure) : null
  );
}

/** Seconds that are left: fewer are over before they are read. */
const WORTH_SAYING = 1;

function heading(record: RunRecord, callbacks: RunCallbacks): Drawn {
  const { run } = record;
  const { trans } = callbacks;
  const end = run.ended === null ? nowOf(callbacks) : Date.parse(run.ended);
  const away = putAway(run, trans);
  const seconds = Math.max(0, (end - Date.parse(run.started)) / 1000);
  const took = duration(seconds, trans);
  const left = numberOf(record.beside?.usual ?? 0) - seconds;
  return h(
    'header',
    { class: 'jmlops-heading' },
    runDot(run.status, trans),
    h('h3', { title: run.name }, run.name),
    h('span', { class: 'jmlops-aside' }, run.experiment),
    h(
      'span',
      { class: 'jmlops-aside' },
      idMark(run.id, trans),
      ` · ${run.status === 'running' ? trans.__('%1 so far', took) : took}`,
      run.status === 'running' && left >= WORTH_SAYING
        ? `, ${trans.__('~ %1 left', duration(left, trans))}`
        : null,
      ' · ',
      when(run.started, callbacks),
      away ? ` · ${away}` : null
    ),
    actions(record, callbacks)
  );
}

function trust(run: Run, trans: Translation): Drawn {
  const { commit, branch, dirty } = run.source;
  return h(
    'p',
    { class: 'jmlops-badges' },
    h('span', {}, runWord(run.status, trans)),
    gradeBadge(run.grade, trans),
    documentBadge(run.document, trans),
    commit
      ? h(
          'span',
          { class: 'jmlops-aside', title: dirty.join('\n') || undefined },
          branch ? trans.__('git %1 on %2', commit.slice(0, 7), branch) : `git ${commit.slice(0, 7)}`,
          dirty.length ? ` (${trans._n('+%1 changed file', '+%1 changed files', dirty.length)})` : null
        )
      : null,
    run.grade !== 'clean' && run.grade_reason ? h('span', { class: 'jmlops-reason' }, run.grade_reason) : null
  );
}

/** What went wrong: the exception's last line, the line of the cell that raised it, and the way there. */
function wrong({ run, beside }: RunRecord, callbacks: RunCallbacks): Drawn | null {
  const { trans, openNotebook } = callbacks;
  const { error } = run;
  if (!error) {
    return run.status === 'lost' ? failed(h('p', {}, gone(run, trans))) : null;
  }
  const last = error.message.trim().split('\n').at(-1) ?? '';
  const number = beside?.failed ?? null;
  const cell = number === null ? trans.__('the cell') : `In [${number}]`;
  const line = error.line === null ? null : trans.__('line %1 of %2', error.line, cell);
  return failed(
    h('p', { title: error.message }, h('strong', {}, last ? `${error.kind}: ` : error.kind), last),
    line
      ? h('p', {}, line, error.code ? [': ', h('code', { class: 'jmlops-source' }, error.code)] : null)
      : null,
    openNotebook && run.source.notebook && error.cell
      ? press(trans.__('Open at %1', cell), 'jmlops-quiet', () => {
          openNotebook(error.cell);
        })
      : null,
    error.traceback
      ? h(
          'details',
          {},
          h('summary', {}, trans.__('Traceback')),
          h('pre', { class: 'jmlops-diff', tabindex: 0 }, error.traceback)
        )
      : null
  );
}

/** That its process is gone, and which it was: the kernel as its server calls it, and where it ran. */
function gone({ lease }: Run, trans: Translation): string {
  if (lease === null) {
    return trans.__('Its process is gone; what it had said until then is kept.');
  }
  const process = trans.__('process %1 on %2', String(lease.pid), lease.host.split('/')[0]);
  const kernel = lease.kernel === null ? [] : [trans.__('kernel %1', lease.kernel.slice(0, 8))];
  return trans.__(
    'Its process is gone (%1); what it had said until then is kept.',
    [...kernel, process].join(', ')
  );
}

const failed = (...said: readonly Child[]): Drawn =>
  h(
    'div',
    { class: 'jmlops-failure', key: 'wrong' },
    h('span', { class: 'jmlops-sign jmlops-bad', 'aria-hidden': 'true' }, '✕'),
    h('div', {}, said)
  );

/** What was measured, and how that differs from the run before. */
function metrics({ run, beside }: RunRecord, { trans, openRun }: RunCallbacks): Child {
  const rows = new Map(beside?.metrics.map((row, place) => [row.name, { row, place }]));
  const placeOf = (name: string): number => rows.get(name)?.place ?? rows.size;
  const names = Object.keys(run.metrics).sort((one, other) => placeOf(one) - placeOf(other));
  const before = beside?.before ?? null;
  const compared = before !== null && [...rows.values()].some(({ row }) => row.values[0] !== null);
  const rest = names.slice(SHOWN_METRICS);
  const value = (name: string): Child => shortNumber(run.metrics[name]);
  const differs = (name: string): Child => {
    const row = rows.get(name)?.row;
    return row ? difference(row, trans) : null;
  };
  return [
    names.length === 0
      ? null
      : h(
          'dl',
          { class: 'jmlops-metrics', key: 'measured', 'aria-label': trans.__('Metrics') },
          names.slice(0, SHOWN_METRICS).map(name => {
            const said = differs(name);
            return h(
              'div',
              { key: name },
              h('dt', { title: name }, named(name, rows.get(name)?.row)),
              h('dd', { title: String(run.metrics[name]) }, value(name)),
              said ? h('dd', { class: 'jmlops-differs' }, said) : null
            );
          })
        ),
    compared
      ? h(
          'p',
          { class: 'jmlops-aside', key: 'compared' },
          trans.__('compared with'),
          ' ',
          openRun
            ? press(trans.__('the run before, %1', shortId(before)), 'jmlops-quiet', () => {
                openRun(before);
              })
            : trans.__('the run before, %1', shortId(before))
        )
      : null,
    rest.length
      ? fold(
          trans.__('metrics'),
          trans._n('%1 more', '%1 more', rest.length),
          pairs(
            rest.map(name => [
              named(name, rows.get(name)?.row),
              [h('span', { title: String(run.metrics[name]) }, value(name)), ' ', differs(name)]
            ])
          )
        )
      : null
  ];
}

/** The name, with an arrow to where it is better. */
const named = (name: string, row?: MetricRow): string =>
  row?.direction ? `${name} ${{ lower: '↓', higher: '↑' }[row.direction]}` : name;

function difference({ values, difference: by, best }: MetricRow, trans: Translation): Child {
  const [before, now] = values;
  if (by === null || before === null) {
    return null;
  }
  if (numberOf(by) === 0) {
    return trans.__('same');
  }
  if (shortNumber(before) === shortNumber(now)) {
    return h('span', { title: String(by) }, trans.__('about the same')); // in all the digits that are shown
  }
  return [
    h('span', { title: trans.__('%1; the run before: %2', String(by), String(before)) }, signed(by)),
    best === null ? null : ' ',
    best === null
      ? null
      : best === 1
        ? badge('▲', trans.__('better'), 'good')
        : badge('▼', trans.__('worse'), 'bad')
  ];
}

/** A picture a metric: two of them seldom share a scale. */
function curves(all: readonly Series[], run: string, callbacks: RunCallbacks): Child {
  const { points } = callbacks;
  const between = points && ((series: Series, stretch: Stretch) => points(run, series.name, stretch));
  const pictures = (some: readonly Series[]): Child =>
    h(
      'div',
      { class: 'jmlops-pictures' },
      some.map(series => h('div', { key: series.name }, chart([series], { ...callbacks, between })))
    );
  if (all.length === 0) {
    return null;
  }
  const rest = all.slice(SHOWN_CURVES);
  return [
    h('div', { key: 'pictures' }, pictures(all.slice(0, SHOWN_CURVES))),
    rest.length
      ? fold(callbacks.trans.__('curves'), rest.map(series => series.name).join(' · '), pictures(rest))
      : null
  ];
}
