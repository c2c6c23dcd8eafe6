/** Rows and columns, numbers to the right. */

import { h, type Child, type Drawn } from './draw';

export interface Column<T> {
  readonly name: string;
  readonly title: string;
  readonly numeric?: boolean;
  readonly help?: string;
  readonly cell: (row: T) => Child;
}

export interface TableOptions<T> {
  readonly caption: string;
  readonly keyOf: (row: T) => string;
  /** Where the room is narrow the first column folds into lines rather than pushing the others out. */
  readonly foldFirst?: boolean;
}

export function table<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  { caption, keyOf, foldFirst }: TableOptions<T>
): Drawn {
  const kind = (column: Column<T>): string | undefined => (column.numeric ? 'jmlops-number' : undefined);
  return h(
    'div',
    { class: 'jmlops-scroll' },
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
            h('th', { key: column.name, scope: 'col', class: kind(column), title: column.help }, column.title)
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

export interface Folded {
  /** The columns in which rows differ, in order of first appearance. */
  readonly varying: readonly string[];
  /** The others, with the one value they all have. */
  readonly same: readonly (readonly [string, string])[];
}

/** Which of the rows' named values are worth a column of their own. */
export function folded(rows: readonly Readonly<Record<string, string>>[]): Folded {
  const names = [...new Set(rows.flatMap(row => Object.keys(row)))];
  const varies = (name: string): boolean =>
    rows.some(row => row[name] === undefined || row[name] !== rows[0]?.[name]);
  return {
    varying: names.filter(varies),
    same: names.filter(name => !varies(name)).map(name => [name, rows[0]?.[name] ?? ''] as const)
  };
}
