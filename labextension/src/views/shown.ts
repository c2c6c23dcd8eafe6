/** What compared runs showed: figures of both sides small beside each other, and in words what cannot be shown. */

import type { Artifact, CodeChange, FigureRow, OutputChange } from '../wire';
import { kindAndName } from './code';
import { h, type Child, type Drawn } from './draw';
import { shortSize, type Translation } from './words';

/** Data addresses by the digests of the files they are of. */
export type Pictures = Readonly<Record<string, string>>;

/** Pixels that came along: nothing is fetched from anywhere, and nothing in them acts. */
const PIXELS = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$/;

/** Whether *output* is of the cell that *change* is of. */
export const isOf = (output: OutputChange, change: CodeChange): boolean =>
  output.cell === change.cell && output.label === change.label && output.kind === change.kind;

/** What one cell showed; below its change, or by itself (*named*) where its code is the same. */
export function shown(
  output: OutputChange,
  runs: readonly string[],
  pictures: Pictures,
  trans: Translation,
  named: boolean
): Drawn {
  const file = output.before ?? output.after;
  const words: Readonly<Record<string, string>> = {
    figure: trans.__('figure differs'),
    output: trans.__('output differs')
  };
  const missing = output.missing === 'not kept' ? trans.__('not kept') : trans.__('none');
  return h(
    'div',
    {
      class: named ? 'jmlops-shown' : 'jmlops-shown jmlops-shown-below',
      key: `${output.cell} ${output.label} ${output.what} ${file?.name ?? ''}`
    },
    h(
      'div',
      {},
      named ? [kindAndName(output.kind, output.label || trans.__('cell %1', output.cell), trans), ' '] : null,
      h('span', {}, words[output.what] ?? output.what),
      file ? [' ', h('code', {}, file.name)] : null,
      file || !output.missing ? null : h('span', { class: 'jmlops-aside' }, ` (${missing})`)
    ),
    file ? beside(file.name, [output.before, output.after], runs, pictures, missing, trans) : null
  );
}

/** Figures of which no cell is known, run beside run. */
export const figureRow = (
  row: FigureRow,
  runs: readonly string[],
  pictures: Pictures,
  trans: Translation
): Drawn =>
  h(
    'div',
    { class: 'jmlops-shown', key: row.name },
    h('div', {}, h('code', {}, row.name)),
    beside(row.name, row.files, runs, pictures, trans.__('none'), trans)
  );

function beside(
  name: string,
  files: readonly (Artifact | null)[],
  runs: readonly string[],
  pictures: Pictures,
  missing: string,
  trans: Translation
): Drawn {
  return h(
    'div',
    { class: 'jmlops-thumbnails' },
    files.map((file, place) => thumbnail(name, file, runs[place] ?? '', pictures, missing, trans))
  );
}

function thumbnail(
  name: string,
  file: Artifact | null,
  run: string,
  pictures: Pictures,
  missing: string,
  trans: Translation
): Drawn {
  const address = (file && pictures[file.digest]) ?? '';
  const image: Child = PIXELS.test(address)
    ? h('img', { src: address, alt: trans.__('%1 of %2', name, run) })
    : null;
  return h(
    'figure',
    { key: run },
    image,
    h(
      'figcaption',
      { class: 'jmlops-aside' },
      h('span', { class: 'jmlops-name', title: run }, run),
      ` ${file ? shortSize(file.size) : missing}`
    )
  );
}
