/** What a view shows when there is nothing, nothing yet, or no answer. */

import type { Failure } from '../wire';
import { h, type Child, type Drawn } from './draw';
import type { Translation } from './words';

/** Nothing here: what would be, in words that stand alone where there is room for no more; how it comes; what to type. */
export function emptyState(what: string, how = '', line = ''): Drawn {
  return h(
    'div',
    { class: 'jmlops-empty' },
    h('p', { title: [how, line].filter(Boolean).join(' ') || undefined }, what),
    how ? h('p', {}, how) : null,
    line ? h('code', { class: 'jmlops-code' }, words(line)) : null
  );
}

/** Each word in one piece: a line would else be broken inside `--as`. */
const words = (line: string): Child[] =>
  line.split(/(\s+)/).map(part => (part.trim() ? h('span', { class: 'jmlops-word' }, part) : part));

/** Grey lines of the height of what will be there, so that nothing jumps. */
export function loadingState(trans: Translation, lines = 3): Drawn {
  return h(
    'div',
    { class: 'jmlops-loading', role: 'status', 'aria-label': trans.__('Loading') },
    Array.from({ length: lines }, () => h('div', { class: 'jmlops-bone' }))
  );
}

/** What happened and what to do. */
export function failureState(failure: Failure, ...more: readonly Child[]): Drawn {
  return h(
    'div',
    { class: 'jmlops-failure', role: 'alert' },
    h('span', { class: 'jmlops-sign jmlops-bad', 'aria-hidden': 'true' }, '✕'),
    h('div', {}, h('p', {}, failure.message), failure.remedy ? h('p', {}, failure.remedy) : null, more)
  );
}

/** Whether a failure points into the query that was asked. */
export const isMistake = (failure: Failure | null | undefined): boolean =>
  typeof failure?.data.column === 'number';

/** A mistake in a query: the place underlined, what was expected below. */
export function queryMistake(query: string, failure: Failure): Drawn {
  const column = failure.data.column;
  if (typeof column !== 'number') {
    return failureState(failure);
  }
  const at = Math.min(Math.max(column - 1, 0), query.length);
  const word = /^\S+/.exec(query.slice(at))?.[0] ?? '';
  return h(
    'div',
    { class: 'jmlops-mistake', role: 'alert' },
    h(
      'code',
      { class: 'jmlops-code' },
      query.slice(0, at),
      h('mark', {}, word || '\u00a0'),
      query.slice(at + word.length)
    ),
    h('p', {}, failure.message),
    failure.remedy ? h('p', { class: 'jmlops-aside' }, failure.remedy) : null
  );
}
