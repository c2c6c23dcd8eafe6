/** Where a query is typed; Enter asks. */

import { h, type Drawn } from './draw';
import type { Translation } from './words';

export interface QueryState {
  readonly query: string;
  readonly mistaken: boolean;
  /** Absent where archived runs cannot be asked for. */
  readonly archived?: boolean;
}

export function queryBox(
  { query, mistaken, archived }: QueryState,
  search: (query: string, archived: boolean) => void,
  trans: Translation
): Drawn {
  const submit = (event: Event): void => {
    const form = event.currentTarget instanceof Element ? event.currentTarget.closest('form') : null;
    search(
      form?.querySelector<HTMLInputElement>('input[type=search]')?.value ?? '',
      form?.querySelector<HTMLInputElement>('input[type=checkbox]')?.checked ?? false
    );
  };
  return h(
    'form',
    {
      class: 'jmlops-filter',
      key: 'filter',
      role: 'search',
      on: {
        submit: event => {
          event.preventDefault();
          submit(event);
        }
      }
    },
    h('input', {
      type: 'search',
      class: 'jmlops-input',
      name: 'query',
      spellcheck: 'false',
      value: query,
      placeholder: 'metrics.mae < 42',
      'aria-label': trans.__('Filter runs'),
      'aria-invalid': mistaken ? 'true' : undefined,
      title: trans.__(
        'Names without a prefix are attributes (name, status, grade, experiment, started …); metrics., params. and tags. reach the rest. Enter asks.'
      ),
      on: {
        // What the cross inside the field does: an empty query at once.
        search: submit,
        // In a notebook's output the key never becomes a submission.
        keydown: event => {
          if (event instanceof KeyboardEvent && event.key === 'Enter' && !event.isComposing) {
            event.preventDefault();
            submit(event);
          }
        }
      }
    }),
    archived === undefined
      ? null
      : h(
          'label',
          { class: 'jmlops-aside' },
          h('input', { type: 'checkbox', checked: archived, on: { change: submit } }),
          ' ',
          trans.__('archived')
        )
  );
}
