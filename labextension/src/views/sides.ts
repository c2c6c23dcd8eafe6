/** What the versions under review rest on, line by line. */

import type { Review, Side } from '../wire';
import { gradeBadge, idMark, when } from './badge';
import { h, type Child, type Drawn } from './draw';
import { shortDigest, shortSize, type Setting } from './words';

export interface SidesCallbacks extends Setting {
  readonly openRun?: (run: string) => void;
}

/** What the two versions rest on, line by line. */
export function sides(review: Review, callbacks: SidesCallbacks): Drawn {
  const { trans } = callbacks;
  const { candidate, champion } = review.evidence;
  const shown = champion ? [candidate, champion] : [candidate];
  const lines: readonly (readonly [string, (side: Side) => Child])[] = [
    [trans.__('run'), side => runLink(side, callbacks)],
    [trans.__('grade'), side => [gradeBadge(side.grade, trans), graded(side)]],
    [trans.__('data'), side => pairs(side.data, shortDigest)],
    [
      trans.__('model'),
      side => [
        side.kind.split('.').pop() ?? side.kind,
        ` · ${side.format} · ${shortSize(side.size)} · `,
        idMark(side.digest, trans, 'digest')
      ]
    ],
    [trans.__('parameters'), side => pairs(side.params, value => value)],
    [trans.__('seeds'), side => side.seeds.join(' · ') || '–'],
    [trans.__('imported files'), side => pairs(side.modules, shortDigest)],
    [trans.__('commit'), side => side.commit?.slice(0, 7) ?? '–'],
    [trans.__('by'), side => [side.author, ', ', when(side.created, callbacks)]]
  ];
  return h(
    'details',
    { class: 'jmlops-part', key: 'sides' },
    h('summary', {}, trans.__('What the evidence rests on')),
    h(
      'div',
      { class: 'jmlops-scroll' },
      h(
        'table',
        { class: 'jmlops-table jmlops-facts' },
        h('caption', { class: 'jmlops-hidden' }, trans.__('What the evidence rests on')),
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('td', {}),
            shown.map(side => h('th', { scope: 'col' }, `${review.model}:${side.version}`))
          )
        ),
        h(
          'tbody',
          {},
          lines.map(([title, cell]) =>
            h(
              'tr',
              { key: title },
              h('th', { scope: 'row' }, title),
              shown.map(side => h('td', {}, cell(side)))
            )
          )
        )
      )
    ),
    h('p', { class: 'jmlops-aside' }, trans.__('Digests of the parts a decision is bound to:')),
    pairs(review.evidence.parts, shortDigest)
  );
}

const graded = (side: Side): Child =>
  side.grade_reason && side.grade !== 'clean' ? `: ${side.grade_reason}` : null;

function runLink(side: Side, { openRun, trans }: SidesCallbacks): Child {
  const { run } = side;
  if (run === null) {
    return '–';
  }
  const title = side.run_name || run.slice(-6);
  return openRun
    ? h(
        'button',
        {
          type: 'button',
          class: 'jmlops-link',
          on: {
            click: () => {
              openRun(run);
            }
          }
        },
        title
      )
    : [title, ' ', idMark(run, trans)];
}

function pairs(values: Readonly<Record<string, string>>, shorten: (value: string) => string): Child {
  const entries = Object.entries(values);
  return entries.length === 0
    ? '–'
    : h(
        'ul',
        { class: 'jmlops-list jmlops-inline' },
        entries.map(([name, value]) =>
          h(
            'li',
            { key: name, title: value },
            h('span', { class: 'jmlops-aside' }, name),
            ' ',
            shorten(value)
          )
        )
      );
}
