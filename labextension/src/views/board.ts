/** Models: each with its versions, and the names that point at them. */

import type { Alias, Failure, Model, ModelVersion } from '../wire';
import { idMark, trustBadges, when } from './badge';
import { draw, h, type Child, type Drawn } from './draw';
import { emptyState, failureState, loadingState } from './notice';
import { shortSize, type Setting, type Translation } from './words';

export interface Shelf {
  readonly model: Model;
  /** Newest first. */
  readonly versions: readonly ModelVersion[];
  readonly aliases: readonly Alias[];
}

export interface BoardRecord {
  readonly shelves?: readonly Shelf[];
  /** What is only shown in part. */
  readonly cut?: readonly Cut[];
  /** The versions that have a review, as `pm25:2`; absent where that is not known. */
  readonly reviewed?: ReadonlySet<string>;
  readonly failure?: Failure | null;
}

export interface Cut {
  readonly of: 'models' | 'versions' | 'aliases';
  readonly shown: number;
  readonly total: number;
}

export interface BoardCallbacks extends Setting {
  readonly openRun?: (run: string) => void;
  readonly openReview?: (reference: string) => void;
}

const SHOWN_VERSIONS = 5;

/** Draw the models board into *element*. */
export function drawBoard(element: Element, record: BoardRecord, callbacks: BoardCallbacks): void {
  draw(element, h('div', { class: 'jmlops jmlops-board' }, content(record, callbacks)));
}

function content(record: BoardRecord, callbacks: BoardCallbacks): Child {
  const { trans } = callbacks;
  if (record.failure && !record.shelves) {
    return failureState(record.failure);
  }
  if (!record.shelves) {
    return loadingState(trans);
  }
  if (record.shelves.length === 0 && !record.failure) {
    return emptyState(
      trans.__('No models yet.'),
      trans.__('A run that logged a model can be registered from its card; or in a terminal:'),
      'jupyter mlops register RUN --as MODEL'
    );
  }
  const { failure, shelves, cut = [], reviewed } = record;
  return [
    failure ? h('div', { key: 'trouble' }, failureState(failure)) : null,
    h(
      'ul',
      { key: 'models', class: 'jmlops-rows', 'aria-label': trans.__('Models') },
      shelves.map(shelf =>
        h('li', { key: shelf.model.name, class: 'jmlops-item' }, drawShelf({ ...shelf, reviewed }, callbacks))
      )
    ),
    cut.map(part => h('p', { key: `cut ${part.of}`, class: 'jmlops-aside' }, partly(part, trans)))
  ];
}

function partly({ of, shown, total }: Cut, trans: Translation): string {
  const [here, all] = [shown.toLocaleString('en-US'), total.toLocaleString('en-US')];
  switch (of) {
    case 'models':
      return trans.__('%1 of %2 models', here, all);
    case 'versions':
      return trans.__('%1 of %2 versions', here, all);
    case 'aliases':
      return trans.__('%1 of %2 aliases', here, all);
  }
}

type Stocked = Shelf & Pick<BoardRecord, 'reviewed'>;

function drawShelf(shelf: Stocked, callbacks: BoardCallbacks): Drawn {
  const { trans } = callbacks;
  const { model, versions } = shelf;
  const [first, rest] = [versions.slice(0, SHOWN_VERSIONS), versions.slice(SHOWN_VERSIONS)];
  return h(
    'div',
    { class: 'jmlops-item-body' },
    h(
      'div',
      { class: 'jmlops-item-line jmlops-item-title' },
      h('strong', { class: 'jmlops-name', title: model.name }, model.name),
      h(
        'span',
        { class: 'jmlops-aside jmlops-end-of-line' },
        trans._n('%1 version', '%1 versions', versions.length)
      )
    ),
    shelf.aliases.length
      ? h(
          'ul',
          { class: 'jmlops-chips', 'aria-label': trans.__('Aliases of %1', model.name) },
          shelf.aliases.map(alias => chip(alias, callbacks))
        )
      : h('p', { class: 'jmlops-aside' }, trans.__('no champion yet')),
    model.description ? h('p', { class: 'jmlops-aside' }, model.description) : null,
    h(
      'ul',
      { class: 'jmlops-list' },
      first.map(version => line(version, shelf, callbacks))
    ),
    rest.length
      ? h(
          'details',
          {},
          h('summary', {}, trans._n('%1 older version', '%1 older versions', rest.length)),
          h(
            'ul',
            { class: 'jmlops-list' },
            rest.map(version => line(version, shelf, callbacks))
          )
        )
      : null
  );
}

function chip(alias: Alias, { trans }: BoardCallbacks): Drawn {
  const how = alias.review
    ? trans.__('moved by a review')
    : trans.__('moved by hand by %1', alias.actor.name);
  return h(
    'li',
    { class: 'jmlops-chip', key: alias.name, title: alias.reason ? `${how}: ${alias.reason}` : how },
    `${alias.name} → ${alias.version}`
  );
}

function line(version: ModelVersion, shelf: Stocked, callbacks: BoardCallbacks): Drawn {
  const { trans, openRun, openReview } = callbacks;
  const { run } = version;
  const reference = `${version.model}:${version.version}`;
  const held = shelf.aliases.filter(alias => alias.version === version.version).map(alias => alias.name);
  return h(
    'li',
    { key: reference, class: 'jmlops-item-line' },
    h('strong', {}, reference),
    held.length ? h('span', {}, `◆ ${held.join(', ')}`) : null,
    version.trust ? h('span', {}, trustBadges(version.trust, trans)) : null,
    h(
      'span',
      { class: 'jmlops-aside' },
      `${version.kind.split('.').pop() ?? version.kind} · ${shortSize(version.size)} · `,
      when(version.created, callbacks),
      ' · ',
      idMark(version.digest, trans, 'digest')
    ),
    h(
      'span',
      { class: 'jmlops-end-of-line' },
      openRun && run !== null
        ? quiet(trans.__('Run'), trans.__('Run of %1', reference), () => {
            openRun(run);
          })
        : null,
      openReview
        ? review(reference, shelf, trans, () => {
            openReview(reference);
          })
        : null
    )
  );
}

/** To look at a review changes nothing; to put a version up for one is written down, and said before. */
const review = (reference: string, { reviewed }: Stocked, trans: Translation, click: () => void): Drawn =>
  !reviewed || reviewed.has(reference)
    ? quiet(trans.__('Review'), trans.__('Review %1', reference), click)
    : quiet(
        trans.__('Ask for a review'),
        trans.__('Ask for a review of %1: it has none yet', reference),
        click
      );

function quiet(word: string, name: string, click: () => void): Drawn {
  return h(
    'button',
    { type: 'button', class: 'jmlops-quiet', 'aria-label': name, title: name, on: { click } },
    word
  );
}
