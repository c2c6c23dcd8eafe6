/** Rows and columns, numbers to the right. */

import { h, OWN_KEYS, type Child, type Drawn } from './draw';

export interface Column<T> {
  readonly name: string;
  readonly title: string;
  readonly numeric?: boolean;
  readonly help?: string;
  readonly cell: (row: T) => Child;
  /** In place of the title, where its head does something. */
  readonly head?: Child;
  readonly sorted?: 'ascending' | 'descending';
}

export interface TableOptions<T> {
  readonly caption: string;
  readonly keyOf: (row: T) => string;
  /** Where the room is narrow the first column folds into lines rather than pushing the others out. */
  readonly foldFirst?: boolean;
  /** Rows beyond a page's height scroll under their heads. */
  readonly tall?: boolean;
}

export function table<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  { caption, keyOf, foldFirst, tall }: TableOptions<T>
): Drawn {
  const kind = (column: Column<T>): string | undefined => (column.numeric ? 'jmlops-number' : undefined);
  return h(
    'div',
    {
      class: tall ? 'jmlops-scroll jmlops-tall' : 'jmlops-scroll',
      ...(tall ? { tabindex: 0, ...OWN_KEYS } : {})
    },
    h(
      'table',
      { class: foldFirst ? 'jmlops-table jmlops-fold-first' : 'jmlops-table' },
      h('caption', { class: 'jmlops-hidden' }, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          columns.map(column =>
            h(
              'th',
              {
                key: column.name,
                scope: 'col',
                class: kind(column),
                title: column.help,
                'aria-sort': column.sorted
              },
              column.head ?? column.title
            )
          )
        )
      ),
      h(
        'tbody',
        {},
        rows.map(row =>
          h(
            'tr',
            { key: keyOf(row) },
            columns.map(column => h('td', { key: column.name, class: kind(column) }, column.cell(row)))
          )
        )
      )
    )
  );
}
