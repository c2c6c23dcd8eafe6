/** A button that copies what a picture shows; where a page may not use the clipboard, the text stands there to be copied. */

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
  return h('span', { class: 'jmlops-copying', key: 'copy', inside: place => inside(place, text, trans) });
}

function inside(place: Element, text: () => string, trans: Translation): Child {
  const { said, text: left } = copied.get(place) ?? { said: '', text: null };
  return [
    h(
      'button',
      {
        type: 'button',
        class: 'jmlops-quiet',
        title: trans.__('As lines separated by tabs: name, step, value'),
        on: { click: () => void copy(place, text(), trans) }
      },
      trans.__('Copy the data')
    ),
    h('span', { class: 'jmlops-aside', role: 'status' }, said ? ` ${said}` : ''),
    left === null ? null : byHand(place, left, trans)
  ];
}

async function copy(place: Element, text: string, trans: Translation): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    const rows = text.split('\n').length - 1;
    copied.set(place, {
      said: trans
        ._n('copied %1 line', 'copied %1 lines', rows)
        .replace(/\d{4,}/, found => Number(found).toLocaleString('en-US')),
      text: null
    });
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

function byHand(place: Element, text: string, trans: Translation): Drawn {
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
      rows: 4,
      value: text,
      'aria-label': trans.__('The data, as lines separated by tabs'),
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
