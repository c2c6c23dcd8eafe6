/** The experiments as the folders that their names make: pressed, one asks for the runs in it. */

import type { Experiment } from '../wire';
import { h, redraw, type Child, type Drawn } from './draw';
import type { Translation } from './words';

export interface Folders {
  /** What the list is of: under another key it is another list, closed and empty. */
  readonly key: string;
  /** Asked when the list is opened. */
  readonly experiments: () => Promise<readonly Experiment[]>;
  readonly query: string;
  readonly search: (query: string) => void;
}

type Seen = readonly Experiment[] | Error | 'waiting';

const seenIn = new WeakMap<Element, Seen>();
/** How often each list has asked: only the answer to the last question counts. */
const turnOf = new WeakMap<Element, number>();
const MOST = 500;

export function foldersFold(folders: Folders, trans: Translation): Drawn {
  return h(
    'details',
    {
      class: 'jmlops-fold',
      key: `experiments ${folders.key}`,
      on: {
        toggle: ({ currentTarget: place }) => {
          const list = place instanceof HTMLDetailsElement && place.open ? listIn(place) : null;
          if (list) {
            ask(folders, list);
          }
        }
      }
    },
    h('summary', {}, trans.__('Experiments')),
    h('div', {
      class: 'jmlops-folders',
      key: 'list',
      inside: element => shown(seenIn.get(element), folders, trans)
    })
  );
}

const listIn = (place: Element): Element | null => place.querySelector('.jmlops-folders');

function ask({ experiments }: Folders, list: Element): void {
  const turn = (turnOf.get(list) ?? 0) + 1;
  turnOf.set(list, turn);
  const say = (seen: Seen): void => {
    if (turnOf.get(list) === turn) {
      seenIn.set(list, seen);
      redraw(list);
    }
  };
  if (!seenIn.has(list)) {
    say('waiting');
  }
  experiments().then(say, (error: unknown) => {
    say(error instanceof Error ? error : new Error(String(error)));
  });
}

function shown(seen: Seen | undefined, folders: Folders, trans: Translation): Child {
  if (seen === undefined || seen === 'waiting') {
    return h('p', { class: 'jmlops-aside', role: 'status' }, trans.__('Looking…'));
  }
  if (seen instanceof Error) {
    const why = seen.message || trans.__('no reason was given');
    return h('p', { role: 'status' }, trans.__('They could not be read: %1', why));
  }
  if (seen.length === 0) {
    return h('p', { class: 'jmlops-aside' }, trans.__('No experiments yet.'));
  }
  const left = seen.length - MOST;
  return [
    h(
      'ul',
      { 'aria-label': trans.__('Experiments') },
      seen.slice(0, MOST).map(one => h('li', { key: one.name }, line(one, folders, trans)))
    ),
    left > 0 ? h('p', { class: 'jmlops-aside' }, trans._n('%1 more', '%1 more', left)) : null
  ];
}

function line(one: Experiment, { query, search }: Folders, trans: Translation): Child {
  const parts = one.name.split('/');
  const nameless = trans.__('(no experiment)');
  const end = one.below > one.runs ? '/' : '';
  const asked = queryFor(one);
  const chosen = query === asked;
  const count = one.below.toLocaleString('en-US');
  const whole = one.name || nameless;
  return h(
    'button',
    {
      type: 'button',
      class: 'jmlops-folder',
      style: `padding-inline-start: ${(parts.length - 1) * 1.2}em`,
      'aria-pressed': chosen ? 'true' : 'false',
      'aria-label': trans._n('%2: %3 run', '%2: %3 runs', one.below, `${whole}${end}`, count),
      title: chosen
        ? trans.__('Show the runs of all experiments')
        : query.trim() === ''
          ? trans.__('Show the runs of %1', whole)
          : trans.__('Show the runs of %1. Replaces the query.', whole),
      on: {
        click: () => {
          search(chosen ? '' : asked);
        }
      }
    },
    h('span', { class: 'jmlops-name' }, `${one.name === '' ? nameless : (parts.at(-1) ?? '')}${end}`),
    h('span', { class: 'jmlops-aside jmlops-count' }, ` ${count}`)
  );
}

/** The query that asks for the runs of an experiment, and of those below it. */
export function queryFor({ name, runs, below }: Experiment): string {
  const text = name.replace(/[\\']/g, '\\$&');
  const own = `experiment = '${text}'`;
  // To `like` a % is any text: then from "name/" up to "name0", the next character.
  const deeper = text.includes('%')
    ? `(experiment >= '${text}/' and experiment < '${text}0')`
    : `experiment like '${text}/%'`;
  return below === runs ? own : runs === 0 ? deeper : `${own} or ${deeper}`;
}
