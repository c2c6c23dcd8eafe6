/** Runs to look through: a query, the rows that answer it, and what can be done with those chosen. */

import type { Failure, Run } from '../wire';
import { draw, h, type Child, type Drawn } from './draw';
import { inlineForm, readTag } from './inline';
import { failureState, isMistake, queryMistake } from './notice';
import { queryBox } from './querybox';
import { runsList, type RunsCallbacks, type RunsRecord } from './runs';

export interface BrowserRecord extends RunsRecord {
  readonly archived: boolean;
  readonly chosenRuns: readonly Run[];
  readonly refusal?: Failure | null;
}

export interface BrowserCallbacks extends RunsCallbacks {
  readonly search: (query: string, archived: boolean) => void;
  readonly compare: (runs: readonly Run[]) => void;
  readonly tag: (tags: Readonly<Record<string, string>>) => void;
  readonly rename: (run: Run, name: string) => void;
  readonly archive: () => void;
}

/** Draw the runs section into *element*. */
export function drawBrowser(element: Element, record: BrowserRecord, callbacks: BrowserCallbacks): void {
  const mistaken = isMistake(record.failure);
  draw(
    element,
    h(
      'div',
      { class: 'jmlops jmlops-runs' },
      queryBox(
        { query: record.query ?? '', mistaken, archived: record.archived },
        callbacks.search,
        callbacks.trans
      ),
      record.failure && (mistaken || record.runs)
        ? mistaken
          ? queryMistake(record.query ?? '', record.failure)
          : failureState(record.failure)
        : null,
      h(
        'div',
        { key: 'rows', class: mistaken ? 'jmlops-stale' : undefined },
        mistaken && !record.runs ? null : runsList(record, callbacks)
      ),
      record.refusal ? failureState(record.refusal) : null,
      chosenBar(record, callbacks)
    )
  );
}

function chosenBar(record: BrowserRecord, callbacks: BrowserCallbacks): Child {
  const { chosenRuns } = record;
  const { trans, compare, tag, rename, archive } = callbacks;
  const [first] = chosenRuns;
  if (!first) {
    return null;
  }
  return h(
    'div',
    {
      class: 'jmlops-chosen jmlops-actions',
      key: 'chosen',
      role: 'group',
      'aria-label': trans.__('Chosen runs')
    },
    h('span', {}, trans._n('%1 chosen', '%1 chosen', chosenRuns.length)),
    chosenRuns.length > 1
      ? button(trans.__('Compare %1', chosenRuns.length), () => {
          compare(chosenRuns);
        })
      : null,
    chosenRuns.length === 1
      ? inlineForm(trans.__('Rename'), trans.__('New name of %1', first.name), first.name, name => {
          rename(first, name);
        })
      : null,
    inlineForm(trans.__('Tag'), trans.__('Tag of the chosen runs, as name=value'), '', text => {
      tag(readTag(text));
    }),
    button(record.archived ? trans.__('Bring back') : trans.__('Archive'), archive)
  );
}

const button = (word: string, click: () => void): Drawn =>
  h('button', { type: 'button', class: 'jmlops-button', on: { click } }, word);
