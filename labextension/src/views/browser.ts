/** Runs to look through: a query, the rows that answer it, and what can be done with those chosen. */

import type { Failure, Run } from '../wire';
import { chosenBar } from './chosen';
import { draw, h } from './draw';
import { failureState, isMistake, queryMistake } from './notice';
import { foldersFold, type Folders } from './folders';
import { queryBox } from './querybox';
import { runsList, type RunsCallbacks, type RunsRecord } from './runs';

export interface BrowserRecord extends RunsRecord {
  /** Which workspace the runs are of. */
  readonly place?: string;
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
  readonly experiments?: Folders['experiments'];
  /** The same as a table, where there is more room. */
  readonly table?: () => void;
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
      callbacks.experiments
        ? foldersFold(
            {
              key: `${record.archived ? 'all' : ''} ${record.place ?? ''}`,
              experiments: callbacks.experiments,
              query: record.query ?? '',
              search: query => {
                callbacks.search(query, record.archived);
              }
            },
            callbacks.trans
          )
        : null,
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
      callbacks.table
        ? h(
            'button',
            { type: 'button', class: 'jmlops-quiet', key: 'table', on: { click: callbacks.table } },
            callbacks.trans.__('Open as a table')
          )
        : null,
      record.refusal ? failureState(record.refusal) : null,
      chosenBar(
        { count: record.chosenRuns.length, only: onlyOne(record.chosenRuns), archived: record.archived },
        {
          ...callbacks,
          compare: () => {
            callbacks.compare(record.chosenRuns);
          }
        },
        callbacks.trans
      )
    )
  );
}

const onlyOne = (runs: readonly Run[]): Run | undefined => (runs.length === 1 ? runs[0] : undefined);
