/** What can be done with the runs a reader has chosen. */

import type { Run } from '../wire';
import { h, type Child, type Drawn } from './draw';
import { inlineForm, readTag } from './inline';
import type { Translation } from './words';

export interface ChosenRuns {
  readonly count: number;
  /** The one run, where only one is chosen and it is there to be seen. */
  readonly only?: Run;
  readonly archived: boolean;
}

export interface ChosenCallbacks {
  readonly compare?: () => void;
  readonly tag?: (tags: Readonly<Record<string, string>>) => void;
  readonly rename?: (run: Run, name: string) => void;
  readonly archive?: () => void;
  readonly clear?: () => void;
}

export function chosenBar(chosen: ChosenRuns, callbacks: ChosenCallbacks, trans: Translation): Child {
  const { count, only } = chosen;
  const { compare, tag, rename, archive, clear } = callbacks;
  if (count === 0) {
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
    h('span', {}, trans._n('%1 chosen', '%1 chosen', count)),
    compare && count > 1 ? button('compare', trans.__('Compare %1', count), compare) : null,
    rename && only
      ? inlineForm(trans.__('Rename'), trans.__('New name of %1', only.name), only.name, name => {
          rename(only, name);
        })
      : null,
    tag
      ? inlineForm(trans.__('Tag'), trans.__('Tag of the chosen runs, as name=value'), '', text => {
          tag(readTag(text));
        })
      : null,
    archive
      ? button('archive', chosen.archived ? trans.__('Bring back') : trans.__('Archive'), archive)
      : null,
    clear ? button('clear', trans.__('Choose none'), clear) : null
  );
}

/** By its key: what has the focus is never another button all at once. */
const button = (key: string, word: string, click: () => void): Drawn =>
  h('button', { type: 'button', class: 'jmlops-button', key, on: { click } }, word);
