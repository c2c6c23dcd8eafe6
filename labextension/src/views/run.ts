/** One run: what it measured first, what it rests on under that. */

import type { Artifact, Failure, Run } from '../wire';
import { documentBadge, gradeBadge, idMark, runBadge, runDot, when } from './badge';
import { chart } from './chart';
import { draw, h, type Child, type Drawn } from './draw';
import { inlineForm, readTag } from './inline';
import { failureState } from './notice';
import type { Bring, Series, Stretch } from './points';
import {
  duration,
  nowOf,
  shortDigest,
  shortNumber,
  shortSize,
  type Setting,
  type Translation
} from './words';

export interface RunRecord {
  readonly run: Run;
  readonly curves?: readonly Series[];
  readonly artifacts?: readonly Artifact[];
  readonly failure?: Failure | null;
  readonly busy?: boolean;
}

export interface RunCallbacks extends Setting {
  readonly rename?: (name: string) => void;
  readonly tag?: (tags: Readonly<Record<string, string>>) => void;
  readonly archive?: (archived: boolean) => void;
  readonly register?: (model: string, artifact: string) => void;
  readonly openRun?: (run: string) => void;
  readonly points?: Bring;
}

const SHOWN_PARAMS = 6;
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
    heading(run, callbacks),
    trust(run, trans),
    run.error ? wrong(run, trans) : null,
    metrics(run, trans),
    moreMetrics(run, trans),
    curves(record.curves ?? [], run.id, callbacks),
    parameters(run, trans),
    inputs(run, trans),
    outside(run, trans),
    outputs(record.artifacts ?? [], trans),
    tags(run, trans),
    run.notes.map(note => h('p', { class: 'jmlops-aside', key: `note ${note}` }, '• ', note)),
    record.failure ? failureState(record.failure) : null,
    actions(record, callbacks)
  );
}

function heading(run: Run, callbacks: RunCallbacks): Drawn {
  const { trans } = callbacks;
  const end = run.ended === null ? nowOf(callbacks) : Date.parse(run.ended);
  const seconds = Math.max(0, (end - Date.parse(run.started)) / 1000);
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
      ` · ${duration(seconds, trans)} · `,
      when(run.started, callbacks),
      run.archived ? ` · ${trans.__('archived')}` : null
    )
  );
}

function trust(run: Run, trans: Translation): Drawn {
  const { commit, dirty } = run.source;
  return h(
    'p',
    { class: 'jmlops-badges' },
    runBadge(run.status, trans),
    gradeBadge(run.grade, trans),
    documentBadge(run.document, trans),
    commit
      ? h(
          'span',
          { class: 'jmlops-aside', title: dirty.join('\n') || undefined },
          `git ${commit.slice(0, 7)}`,
          dirty.length ? ` (${trans._n('+%1 file changed', '+%1 files changed', dirty.length)})` : null
        )
      : null,
    run.grade !== 'clean' && run.grade_reason ? h('span', { class: 'jmlops-reason' }, run.grade_reason) : null
  );
}

function wrong(run: Run, trans: Translation): Drawn | null {
  const { error } = run;
  if (!error) {
    return null;
  }
  const place = [
    error.cell === null ? null : trans.__('cell %1', error.cell.replace(/^cell-/, '').slice(0, 8)),
    error.line === null ? null : trans.__('line %1', error.line)
  ].filter(part => part !== null);
  return h(
    'div',
    { class: 'jmlops-failure' },
    h('span', { class: 'jmlops-sign jmlops-bad', 'aria-hidden': 'true' }, '✕'),
    h(
      'div',
      {},
      h('p', {}, h('strong', {}, `${error.kind}: `), error.message),
      place.length ? h('p', { class: 'jmlops-aside' }, place.join(', ')) : null,
      error.traceback
        ? h(
            'details',
            {},
            h('summary', {}, trans.__('Traceback')),
            h('pre', { class: 'jmlops-diff', tabindex: 0 }, error.traceback)
          )
        : null
    )
  );
}

function metrics(run: Run, trans: Translation): Drawn | null {
  const names = Object.keys(run.metrics);
  if (names.length === 0) {
    return null;
  }
  return h(
    'dl',
    { class: 'jmlops-metrics', 'aria-label': trans.__('Metrics') },
    names
      .slice(0, SHOWN_METRICS)
      .map(name =>
        h(
          'div',
          { key: name },
          h('dt', { title: name }, name),
          h('dd', { title: String(run.metrics[name]) }, shortNumber(run.metrics[name]))
        )
      )
  );
}

/** What was measured beside what stands large. */
function moreMetrics(run: Run, trans: Translation): Drawn | null {
  const names = Object.keys(run.metrics).slice(SHOWN_METRICS);
  return names.length
    ? fold(
        trans.__('metrics'),
        trans._n('%1 more', '%1 more', names.length),
        facts(
          names.map(name => [
            name,
            h('span', { title: String(run.metrics[name]) }, shortNumber(run.metrics[name]))
          ])
        )
      )
    : null;
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
    h('div', { key: 'curves' }, pictures(all.slice(0, SHOWN_CURVES))),
    rest.length
      ? fold(callbacks.trans.__('curves'), rest.map(series => series.name).join(' · '), pictures(rest))
      : null
  ];
}

/** One fold: its name, its most important content in one line, the rest inside. */
function fold(name: string, line: Child, rest: Child): Drawn {
  const title = [h('span', { class: 'jmlops-part-name' }, name), ' ', line];
  return rest
    ? h('details', { class: 'jmlops-fold', key: name }, h('summary', {}, title), rest)
    : h('p', { class: 'jmlops-fold', key: name }, title);
}

function facts(entries: readonly (readonly [string, Child])[]): Drawn {
  return h(
    'dl',
    { class: 'jmlops-pairs' },
    entries.map(([name, value]) =>
      h('div', { key: name }, h('dt', { title: name }, name), h('dd', {}, value))
    )
  );
}

function parameters(run: Run, trans: Translation): Drawn | null {
  const entries = Object.entries(run.params);
  if (entries.length === 0) {
    return null;
  }
  const more = entries.length - SHOWN_PARAMS;
  const line = entries
    .slice(0, SHOWN_PARAMS)
    .map(([name, value]) => `${name} ${said(value)}`)
    .join(' · ');
  return fold(
    trans.__('params'),
    [line, more > 0 ? h('span', { class: 'jmlops-count' }, ` (+${more})`) : null],
    facts(entries.map(([name, value]) => [name, h('span', { title: String(value) }, said(value))]))
  );
}

const said = (value: Run['params'][string] | undefined): string =>
  value === null || value === undefined
    ? 'None'
    : typeof value === 'number'
      ? shortNumber(value)
      : String(value);

function inputs(run: Run, trans: Translation): Drawn | null {
  if (run.inputs.length === 0) {
    return null;
  }
  const size = (input: Run['inputs'][number]): string => {
    const columns = Object.keys(input.columns).length;
    if (input.rows !== null) {
      return `${input.rows.toLocaleString('en-US')}${columns ? ` × ${columns}` : ''}`;
    }
    return input.size === null ? '' : shortSize(input.size);
  };
  return fold(
    trans.__('inputs'),
    run.inputs
      .slice(0, 3)
      .map(input => `${input.name} ${size(input)}`.trim())
      .join(' · '),
    facts(
      run.inputs.map(input => [
        input.name,
        [
          `${input.role} · ${size(input)} · `,
          idMark(input.digest, trans, 'digest'),
          input.sampled ? ` · ${trans.__('sampled')}` : null
        ]
      ])
    )
  );
}

function outside(run: Run, trans: Translation): Drawn | null {
  const { rests_on: cells, executed, outside: touched, notebook } = run.source;
  if (cells.length === 0 && !notebook) {
    return null;
  }
  return fold(
    trans.__('rests on'),
    [
      cells.length
        ? trans.__('executions %1 (of %2)', shortList(cells.map(String)), executed)
        : trans.__('no recorded cells'),
      notebook ? ` · ${notebook}` : null
    ],
    touched.length
      ? [
          h('p', { class: 'jmlops-aside' }, trans.__('It also touches what no cell can vouch for:')),
          h(
            'ul',
            { class: 'jmlops-list' },
            touched.map(item => h('li', { key: item }, item))
          )
        ]
      : null
  );
}

function shortList(items: readonly string[]): string {
  return items.length <= 8
    ? items.join(', ')
    : `${items.slice(0, 7).join(', ')} … ${items[items.length - 1] ?? ''}`;
}

function outputs(artifacts: readonly Artifact[], trans: Translation): Drawn | null {
  if (artifacts.length === 0) {
    return null;
  }
  return fold(
    trans.__('outputs'),
    trans._n('%1 file', '%1 files', artifacts.length),
    facts(
      artifacts.map(artifact => [
        artifact.name,
        `${shortSize(artifact.size)} · ${artifact.media_type} · ${shortDigest(artifact.digest)}`
      ])
    )
  );
}

function tags(run: Run, trans: Translation): Drawn | null {
  const entries = Object.entries(run.tags);
  return entries.length === 0
    ? null
    : h(
        'ul',
        { class: 'jmlops-chips', 'aria-label': trans.__('Tags') },
        entries.map(([name, value]) => h('li', { key: name, class: 'jmlops-chip' }, `${name}=${value}`))
      );
}

function actions(record: RunRecord, callbacks: RunCallbacks): Drawn | null {
  const { trans, rename, tag, archive, register } = callbacks;
  const { run } = record;
  if (!rename && !tag && !archive && !register) {
    return null;
  }
  const models = (record.artifacts ?? [])
    .map(artifact => /^models\/([^/]+)\/manifest\.json$/.exec(artifact.name)?.[1])
    .filter(name => name !== undefined);
  return h(
    'footer',
    { class: 'jmlops-actions', key: 'actions' },
    rename && inlineForm(trans.__('Rename'), trans.__('New name of %1', run.name), run.name, rename),
    tag &&
      inlineForm(trans.__('Tag'), trans.__('Tag of %1, as name=value', run.name), '', text => {
        tag(readTag(text));
      }),
    register &&
      models.map(model =>
        inlineForm(
          trans.__('Register'),
          trans.__('Register %1 as a version of', `models/${model}`),
          model,
          name => {
            register(name, model);
          }
        )
      ),
    archive &&
      h(
        'button',
        {
          type: 'button',
          class: 'jmlops-button',
          on: {
            click: () => {
              archive(!run.archived);
            }
          }
        },
        run.archived ? trans.__('Bring back') : trans.__('Archive')
      )
  );
}
