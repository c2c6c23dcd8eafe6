/** One question asked in place, where a modal would hide what it is about. */

import { h, OWN_KEYS, type Drawn } from './draw';

/** `team=risk` as tags; a bare word is a tag without a value. */
export function readTag(text: string): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  return at < 0 ? { [text.trim()]: '' } : { [text.slice(0, at).trim()]: text.slice(at + 1).trim() };
}

function answer(event: Event, done: (text: string) => void): void {
  const form = event.currentTarget;
  if (form instanceof HTMLFormElement) {
    const field = form.querySelector<HTMLInputElement | HTMLSelectElement>('input, select');
    const text = field?.value.trim() ?? '';
    if (text) {
      const fold = form.closest('details');
      const within = form.contains(document.activeElement);
      fold?.removeAttribute('open');
      if (within) {
        // A fold that closes over its own field would leave the focus nowhere.
        fold?.querySelector('summary')?.focus();
      }
      done(text);
    }
  }
}

/** A fold with one field, in place of a modal; with *options* (a value and its words) one of them is chosen. */
export function inlineForm(
  word: string,
  label: string,
  initial: string,
  done: (text: string) => void,
  options?: readonly (readonly [string, string])[]
): Drawn {
  const field = { class: 'jmlops-input', 'aria-label': label, title: label, value: initial };
  return h(
    'details',
    { class: 'jmlops-action', key: word },
    h('summary', { class: 'jmlops-button' }, word),
    h(
      'form',
      {
        class: 'jmlops-row',
        on: {
          submit: event => {
            event.preventDefault();
            answer(event, done);
          },
          // In a notebook's output the key never becomes a submission.
          keydown: event => {
            if (event instanceof KeyboardEvent && event.key === 'Enter' && !event.isComposing) {
              event.preventDefault();
              answer(event, done);
            }
          }
        }
      },
      options
        ? h(
            'select',
            { ...field, ...OWN_KEYS },
            options.map(([value, words]) => h('option', { value, key: value }, words))
          )
        : h('input', { ...field, required: true }),
      h('button', { type: 'submit', class: 'jmlops-button jmlops-primary' }, word.replace(/…$/, ''))
    )
  );
}
