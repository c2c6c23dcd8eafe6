/** The cells that differ, as unified diffs behind a fold each; and imported files, by their digests. */

import type { CodeChange, ModuleChange } from '../wire';
import { h, type Child, type Drawn } from './draw';
import { shortDigest, type Translation } from './words';

interface Line {
  readonly kind: 'added' | 'removed' | 'place' | 'same';
  readonly text: string;
}

/** The lines of a unified diff without its two file headers. */
export function diffLines(diff: string): readonly Line[] {
  return diff
    .split('\n')
    .filter((text, index, all) => !/^(---|\+\+\+) ?/.test(text) && !(text === '' && index === all.length - 1))
    .map(text => ({ kind: kindOf(text), text }));
}

function kindOf(text: string): Line['kind'] {
  if (text.startsWith('@@')) {
    return 'place';
  }
  return text.startsWith('+') ? 'added' : text.startsWith('-') ? 'removed' : 'same';
}

export function codeChange(change: CodeChange, trans: Translation, open = false): Drawn {
  const lines = diffLines(change.diff);
  const added = lines.filter(line => line.kind === 'added').length;
  const removed = lines.filter(line => line.kind === 'removed').length;
  const title = [
    ...kindAndName(change.kind, change.label || trans.__('cell %1', change.cell), trans),
    added + removed ? h('span', { class: 'jmlops-count' }, ` +${added} −${removed}`) : null
  ];
  return lines.length === 0
    ? h('div', { class: 'jmlops-change', key: change.cell }, title)
    : h(
        'details',
        { class: 'jmlops-change', key: change.cell, open },
        h('summary', {}, title),
        h(
          'pre',
          { class: 'jmlops-diff', tabindex: 0, 'aria-label': trans.__('What changed in this cell') },
          lines.map(line => h('span', { class: `jmlops-diff-${line.kind}` }, `${line.text}\n`))
        )
      );
}

/** A file of the project that was imported: what stood in it is told by its digests, and whether those vouch for what ran. */
export function moduleChange(change: ModuleChange, trans: Translation): Drawn {
  const { path, before, after, note } = change;
  const digests = [...new Set([before, after])].filter(Boolean);
  return h(
    'div',
    { class: 'jmlops-change', key: `module ${path}` },
    kindAndName(change.kind, trans.__('module %1', path), trans),
    ' ',
    h('code', { title: digests.join(' → ') }, digests.map(shortDigest).join(' → ')),
    note ? h('span', { class: 'jmlops-aside' }, ` (${note})`) : null
  );
}

/** A sign and a word: what kind of change it is can be seen without reading. */
export function kindAndName(kind: string, name: string, trans: Translation): readonly Child[] {
  const words: Readonly<Record<string, string>> = {
    added: trans.__('added'),
    removed: trans.__('removed'),
    edited: trans.__('edited'),
    moved: trans.__('moved'),
    same: trans.__('same'),
    unsure: trans.__('may not be what ran')
  };
  const signs: Readonly<Record<string, string>> = {
    added: '+',
    removed: '−',
    edited: '✎',
    moved: '↕',
    same: '=',
    unsure: '?'
  };
  return [
    h('span', { class: 'jmlops-sign', 'aria-hidden': 'true' }, signs[kind] ?? ''),
    ' ',
    h('span', {}, name),
    ' ',
    h('span', { class: 'jmlops-aside' }, words[kind] ?? kind)
  ];
}
