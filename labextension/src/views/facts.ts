/** What a run rests on and what it left behind: one line each, in the words of the still card; the rest behind a click. */

import type { Artifact, KeptModel, Relative, Reproduced, Run, RunBeside, RunInput } from '../wire';
import { idMark, runBadge, trustBadges } from './badge';
import { h, type Child, type Drawn, type Handler } from './draw';
import { bringPictures, fileList, type Look } from './files';
import {
  plainText,
  shortDigest,
  shortId,
  shortNumber,
  shortSize,
  wholeText,
  type Setting,
  type Translation
} from './words';

export interface FactsRecord {
  readonly run: Run;
  readonly beside?: RunBeside | null;
  readonly artifacts?: readonly Artifact[];
}

export interface FactsCallbacks extends Setting {
  readonly openNotebook?: (cell: string | null) => void;
  readonly openRun?: (run: string) => void;
  readonly look?: Look;
}

/** So many are named in a line; how many are left is counted. */
const SHOWN = 6;
const SHOWN_CELLS = 12;
/** The packages the run ran with, as a file; it stands with the environment. */
export const ENVIRONMENT = 'source/environment.txt';

export function facts({ run, beside, artifacts = [] }: FactsRecord, callbacks: FactsCallbacks): Child {
  const { trans } = callbacks;
  const models = beside?.models ?? [];
  const ofModels = models.map(({ name }) => `models/${name}/`);
  const isOfModel = ({ name }: Artifact): boolean => ofModels.some(folder => name.startsWith(folder));
  return [
    beside ? kin(beside, callbacks) : null,
    (beside?.steps ?? 0) > 1 ? fold(trans.__('steps'), (beside?.steps ?? 0).toLocaleString('en-US')) : null,
    parameters(run, trans),
    data(trans.__('inputs'), run.inputs, trans),
    restsOn(run, beside?.counts ?? [], trans),
    beside?.reproduced ? runAgain(beside.reproduced, callbacks) : null,
    outputs(
      artifacts.filter(file => !isOfModel(file) && !isSource(file)),
      (beside?.has_files ?? 0) - artifacts.length,
      callbacks
    ),
    uncommitted(
      artifacts.filter(file => isSource(file) && file.name !== ENVIRONMENT),
      callbacks
    ),
    data(trans.__('files written'), run.written, trans),
    kept(models, artifacts.filter(isOfModel), callbacks),
    texts(
      trans.__('outside the cells'),
      run.source.outside,
      trans.__('It also touches what no cell can vouch for:')
    ),
    texts(trans.__('seeds'), run.source.seeds),
    texts(
      trans.__('variables'),
      Object.entries(run.source.variables).map(([name, text]) => `${name}=${text}`)
    ),
    run.source.notebook ? fold(trans.__('notebook'), notebook(run.source.notebook, callbacks)) : null,
    tags(run, trans)
  ];
}

/** What the run is part of, and what is part of it. */
function kin({ parent, children, has_children: all }: RunBeside, callbacks: FactsCallbacks): Child {
  const { trans } = callbacks;
  const left = all - SHOWN;
  return [
    parent ? fold(trans.__('part of'), relative(parent, callbacks)) : null,
    children.length
      ? fold(trans.__('its runs'), [
          children
            .slice(0, SHOWN)
            .map((child, place) => [place > 0 ? ' · ' : null, relative(child, callbacks)]),
          left > 0 ? h('span', { class: 'jmlops-count' }, ` (+${left})`) : null
        ])
      : null
  ];
}

function relative(
  { run, name, status, metric, value, trust }: Relative,
  { trans, openRun }: FactsCallbacks
): Child {
  const words = `${name} (${shortId(run)})`;
  return [
    wayTo(run, words, openRun),
    status === 'finished' ? null : [' ', runBadge(status, trans)],
    trust ? [' ', trustBadges(trust, trans)] : null,
    value === null ? null : ` ${metric} ${shortNumber(value)}`
  ];
}

/** A run's words, which lead to it where there is a way. */
const wayTo = (run: string, words: string, openRun: FactsCallbacks['openRun']): Child =>
  openRun
    ? h(
        'button',
        {
          type: 'button',
          class: 'jmlops-quiet',
          on: {
            click: () => {
              openRun(run);
            }
          }
        },
        words
      )
    : words;

/** What came of it when it was last run again, in which run, and why where it was not the same. */
function runAgain({ verdict, run, cause }: Reproduced, { trans, openRun }: FactsCallbacks): Drawn {
  const sign = verdict === 'identical' || verdict === 'within_tolerance' ? '✓' : '✕';
  return fold(trans.__('run again'), [
    `${sign} ${verdict.replace(/_/g, ' ')}`,
    run === null ? null : ' in ',
    run === null ? null : wayTo(run, shortId(run), openRun),
    cause ? `: ${cause}` : null
  ]);
}

/** How busy the machine was, behind a click. */
export function system(run: Run, trans: Translation): Drawn | null {
  const entries = Object.entries(run.system).sort(([one], [other]) => (one < other ? -1 : 1));
  return entries.length === 0
    ? null
    : fold(
        trans.__('System, last sample'),
        null,
        h(
          'p',
          { class: 'jmlops-indented' },
          entries.map(([name, value]) => `${name.replace(/_/g, ' ')} ${shortNumber(value)}`).join(' · ')
        )
      );
}

/** One fold: its name, its most important content in one line, the rest inside. */
export function fold(
  name: string,
  line: Child,
  rest: Child = null,
  opened?: (place: Element) => void
): Drawn {
  const title = [h('span', { class: 'jmlops-part-name' }, name), ' ', line];
  return rest
    ? h('details', { class: 'jmlops-fold', key: name, on: onOpening(opened) }, h('summary', {}, title), rest)
    : h('p', { class: 'jmlops-fold', key: name }, title);
}

const onOpening = (opened: ((place: Element) => void) | undefined): Readonly<Record<string, Handler>> =>
  opened
    ? {
        toggle: ({ currentTarget: place }) => {
          if (place instanceof HTMLDetailsElement && place.open) {
            opened(place);
          }
        }
      }
    : {};

export function pairs(entries: readonly (readonly [string, Child])[]): Drawn {
  return h(
    'dl',
    { class: 'jmlops-pairs' },
    // Without keys: two inputs may have one name.
    entries.map(([name, value]) => h('div', {}, h('dt', { title: name }, name), h('dd', {}, value)))
  );
}

/** The first few, and how many are left. */
function some(items: readonly string[]): Child {
  const left = items.length - SHOWN;
  return [
    items.slice(0, SHOWN).join(' · '),
    left > 0 ? h('span', { class: 'jmlops-count' }, ` (+${left})`) : null
  ];
}

function texts(name: string, items: readonly string[], says = ''): Drawn | null {
  if (items.length === 0) {
    return null;
  }
  const whole = h(
    'ul',
    { class: 'jmlops-list jmlops-indented' },
    items.map(item => h('li', {}, item))
  );
  return fold(
    name,
    some(items),
    says || items.length > SHOWN ? [says ? h('p', { class: 'jmlops-aside' }, says) : null, whole] : null
  );
}

function parameters(run: Run, trans: Translation): Drawn | null {
  const entries = Object.entries(run.params);
  return entries.length === 0
    ? null
    : fold(
        trans.__('params'),
        some(
          // The long name of what has its short one beside it.
          entries
            .filter(([name]) => name !== 'model_class' || !('model' in run.params))
            .map(([name, value]) => `${name} ${plainText(value)}`)
        ),
        pairs(
          entries.map(([name, value]) => [name, h('span', { title: wholeText(value) }, plainText(value))])
        )
      );
}

/** What was read or written, with its shape, its size, and the digest or why there is none. */
function data(name: string, items: readonly RunInput[], trans: Translation): Drawn | null {
  return items.length === 0
    ? null
    : fold(
        name,
        some(items.map(item => [item.name, ...sizes(item), digest(item, trans)].filter(Boolean).join(' '))),
        pairs(
          items.map(item => [
            item.name,
            [
              [item.role, ...sizes(item), ''].join(' · '),
              item.digest ? idMark(item.digest, trans, 'digest') : digest(item, trans),
              item.digest && item.note ? ` (${item.note})` : null
            ]
          ])
        )
      );
}

function sizes({ kind, rows, columns, width, size }: RunInput): readonly string[] {
  const wide = Object.keys(columns).length || width;
  return [
    rows === null
      ? ''
      : `${rows.toLocaleString('en-US')}${kind === 'file' ? ' files' : wide ? ` × ${wide}` : ''}`,
    size ? shortSize(size) : ''
  ].filter(Boolean);
}

const digest = ({ digest: whole, note }: RunInput, trans: Translation): string =>
  [whole ? `sha ${shortDigest(whole)}` : '', note ? `(${note})` : ''].filter(Boolean).join(' ') ||
  trans.__('not digested');

/** Cells are called as a reader has them before the eyes: by the number in front of them. */
function restsOn(run: Run, counts: RunBeside['counts'], trans: Translation): Drawn | null {
  const { rests_on: cells, executed } = run.source;
  if (cells.length === 0) {
    return null;
  }
  const known = counts.filter(count => count !== null);
  if (known.length !== cells.length) {
    return fold(
      trans.__('rests on'),
      trans._n('%1 cell of %2 executions', '%1 cells of %2 executions', cells.length, executed)
    );
  }
  const numbers = (some: readonly number[]): string => some.map(count => `[${count}]`).join(', ');
  const of = ` (${trans.__('%1 of %2 executions', cells.length, executed)})`;
  const left = known.length - SHOWN_CELLS;
  const line = `In ${numbers(known.slice(0, SHOWN_CELLS))}`;
  return left > 0
    ? fold(
        trans.__('rests on'),
        `${line} ${trans.__('and %1 more', left)}${of}`,
        h('p', { class: 'jmlops-indented' }, `In ${numbers(known)}`)
      )
    : fold(trans.__('rests on'), line + of);
}

/** What kinds of things were left behind, the names of the other files, and how many are not listed here. */
function outputs(files: readonly Artifact[], left: number, { trans, look }: FactsCallbacks): Drawn | null {
  if (files.length === 0 && left <= 0) {
    return null;
  }
  const within = (folder: string): number => files.filter(({ name }) => name.startsWith(folder)).length;
  const [figures, shown, judged] = [within('figures/'), within('outputs/'), within('evaluation/')];
  const others = files.filter(({ name }) => !/^(figures|outputs|evaluation)\//.test(name));
  return fold(
    trans.__('outputs'),
    [
      some([
        ...(figures ? [trans._n('%1 figure', '%1 figures', figures)] : []),
        ...(shown ? [trans._n('%1 output', '%1 outputs', shown)] : []),
        ...(judged ? [trans._n('%1 evaluation file', '%1 evaluation files', judged)] : []),
        ...others.map(({ name, size }) => `${name} ${shortSize(size)}`)
      ]),
      left > 0 ? ` ${trans._n('and %1 file more', 'and %1 files more', left)}` : null
    ],
    fileList(files, look, trans),
    look
      ? place => {
          bringPictures(place, files, look);
        }
      : undefined
  );
}

/** What the run came from: what no commit holds, and its packages. */
const isSource = ({ name }: Artifact): boolean => name.startsWith('source/');

function uncommitted(files: readonly Artifact[], { trans, look }: FactsCallbacks): Drawn | null {
  return files.length === 0
    ? null
    : fold(
        trans.__('uncommitted changes'),
        some(files.map(({ name, size }) => `${name} ${shortSize(size)}`)),
        fileList(files, look, trans)
      );
}

function kept(
  models: readonly KeptModel[],
  files: readonly Artifact[],
  { trans, look }: FactsCallbacks
): Drawn | null {
  if (models.length === 0) {
    return null;
  }
  const told = ({ format, size, columns }: KeptModel): string =>
    `${format} ${shortSize(size)}${columns ? `, ${trans._n('%1 column', '%1 columns', columns)}` : ''}`;
  return fold(
    trans.__('model'),
    // One needs no name: its label says what it is.
    some(models.map(model => (models.length > 1 ? `${model.name}: ${told(model)}` : told(model)))),
    [
      pairs(models.map(model => [model.name, `${model.kind} · ${told(model)}`])),
      files.length ? fileList(files, look, trans) : null
    ]
  );
}

function notebook(path: string, { trans, openNotebook }: FactsCallbacks): Child {
  return openNotebook
    ? h(
        'button',
        {
          type: 'button',
          class: 'jmlops-quiet',
          title: trans.__('Open %1', path),
          on: {
            click: () => {
              openNotebook(null);
            }
          }
        },
        path
      )
    : path;
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
