/** What copies: the data of a picture, an id as a whole; where a page may not use the clipboard, the text stands there to be copied. */

import { h, redraw, type Child, type Drawn } from './draw';
import type { Translation } from './words';

interface Copied {
  readonly said: string;
  /** What could not be put on the clipboard. */
  readonly text: string | null;
}

const copied = new WeakMap<Element, Copied>();

/** Copy what *text* gives at the moment it is asked for. */
export function copying(text: () => string, trans: Translation): Drawn {
  const says = (copied: string): string =>
    trans
      ._n('copied %1 line', 'copied %1 lines', copied.split('\n').length - 1)
      .replace(/\d{4,}/, found => Number(found).toLocaleString('en-US'));
  const inside = (place: Element): Child => {
    const { said, text: left } = stateOf(place);
    return [
      h(
        'button',
        {
          type: 'button',
          class: 'jmlops-quiet',
          title: trans.__('As lines separated by tabs: name, step, value'),
          on: { click: () => void copy(place, text(), says) }
        },
        trans.__('Copy the data')
      ),
      h('span', { class: 'jmlops-aside', role: 'status' }, said ? ` ${said}` : ''),
      left === null ? null : byHand(place, left, trans.__('The data, as lines separated by tabs'), 4, trans)
    ];
  };
  return h('span', { class: 'jmlops-copying', key: 'copy', inside });
}

/** A few characters that copy as the *whole*. */
export function copyingMark(shown: string, whole: string, trans: Translation): Drawn {
  const inside = (place: Element): Child => {
    const { said, text: left } = stateOf(place);
    return [
      h(
        'button',
        {
          class: 'jmlops-id',
          type: 'button',
          title: trans.__('%1 — click to copy', whole),
          'aria-label': trans.__('Copy %1', whole),
          on: {
            click: event => {
              event.stopPropagation();
              void copy(place, whole, () => trans.__('copied'));
            }
          }
        },
        shown
      ),
      h('span', { class: 'jmlops-hidden', 'aria-live': 'polite' }, said),
      left === whole ? byHand(place, left, trans.__('The whole, to be copied'), 1, trans) : null
    ];
  };
  return h('span', { class: 'jmlops-copying', inside });
}

const stateOf = (place: Element): Copied => copied.get(place) ?? { said: '', text: null };

async function copy(place: Element, text: string, says: (text: string) => string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    copied.set(place, { said: says(text), text: null });
    redraw(place);
  } catch {
    // Without TLS a page has no clipboard, and in a frame it may not use it.
    copied.set(place, { said: '', text });
    redraw(place);
    const field = place.querySelector('textarea');
    field?.focus();
    field?.select();
  }
}

function byHand(place: Element, text: string, label: string, rows: number, trans: Translation): Drawn {
  const close = (): void => {
    copied.delete(place);
    redraw(place);
    place.querySelector('button')?.focus();
  };
  return h(
    'div',
    { class: 'jmlops-byhand', key: 'byhand' },
    h(
      'p',
      { class: 'jmlops-aside' },
      trans.__('This page may not use the clipboard. The text is chosen: press Ctrl+C, or ⌘C.')
    ),
    h('textarea', {
      class: 'jmlops-input',
      rows,
      value: text,
      'aria-label': label,
      on: {
        keydown: event => {
          if (event instanceof KeyboardEvent && event.key === 'Escape') {
            event.stopPropagation();
            close();
          }
        }
      }
    }),
    h(
      'button',
      { type: 'button', class: 'jmlops-quiet', key: 'close', on: { click: close } },
      trans.__('Close')
    )
  );
}
