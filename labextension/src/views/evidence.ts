/** What the evidence says: what needs attention, the metrics, the gates, what changed. */

import type { Check, Evidence, MetricComparison, Review } from '../wire';
import { badge, outcomeFace, outcomeWord } from './badge';
import { codeChange } from './code';
import { h, type Child, type Drawn } from './draw';
import { section } from './section';
import { table, type Column } from './table';
import { shortNumber, signed, type Translation } from './words';

/** The answer, and how much stands against taking it at its word. */
export function headline(evidence: Evidence, trans: Translation): Drawn {
  const open = evidence.attention.length;
  return h(
    'p',
    { class: `jmlops-headline jmlops-headline-${leaning(evidence)}` },
    evidence.headline,
    open > 0 ? trans._n(' %1 thing needs attention.', ' %1 things need attention.', open) : null
  );
}

/** Which way the evidence points, for the edge of the headline's box only. */
function leaning(evidence: Evidence): 'good' | 'warn' | 'plain' {
  const failed = evidence.checks.some(check => check.required && check.outcome !== 'passed');
  if (failed || evidence.attention.length > 0) {
    return 'warn';
  }
  // With nothing to compare with, nothing was found better.
  return evidence.against === '' ? 'plain' : 'good';
}

export function attention(evidence: Evidence, trans: Translation): Drawn | null {
  if (evidence.attention.length === 0) {
    return null;
  }
  return section(
    trans.__('Needs attention'),
    h(
      'ul',
      { class: 'jmlops-list jmlops-signed' },
      evidence.attention.map(sentence =>
        h(
          'li',
          { key: sentence },
          h('span', { class: 'jmlops-sign jmlops-warn', 'aria-hidden': 'true' }, '▲'),
          ' ',
          sentence
        )
      )
    )
  );
}

export function metrics(review: Review, trans: Translation): Drawn | null {
  const { champion, metrics: rows } = review.evidence;
  if (rows.length === 0) {
    return null;
  }
  const columns: Column<MetricComparison>[] = [
    {
      name: 'name',
      title: trans.__('metric'),
      cell: row => [
        h('span', { class: 'jmlops-name', title: row.name }, row.name),
        h('span', { class: 'jmlops-aside' }, ' ', told(row, trans))
      ]
    },
    {
      name: 'candidate',
      title: `${review.model}:${review.version}`,
      numeric: true,
      cell: row => measured(row.candidate, row.unit)
    }
  ];
  const other = champion
    ? { title: `${review.model}:${champion.version}`, of: (row: MetricComparison) => row.champion }
    : review.evidence.against === 'baseline'
      ? { title: trans.__('simple baseline'), of: (row: MetricComparison) => row.baseline }
      : null;
  if (other) {
    columns.push(
      {
        name: 'other',
        title: other.title,
        help: champion ? trans.__('%1 today', review.alias) : undefined,
        numeric: true,
        cell: row => measured(other.of(row), row.unit)
      },
      {
        name: 'difference',
        title: trans.__('difference'),
        numeric: true,
        cell: row => difference(row, trans)
      }
    );
  }
  return section(
    trans.__('Metrics'),
    table(columns, rows, {
      caption: trans.__('Metrics of candidate and champion'),
      keyOf: row => row.name,
      foldFirst: true
    })
  );
}

/** `lower is better, required`: what the number will be judged by. */
function told(row: MetricComparison, trans: Translation): string {
  const directions = { lower: trans.__('lower is better'), higher: trans.__('higher is better') };
  return [row.direction && directions[row.direction], row.required && trans.__('required')]
    .filter(Boolean)
    .join(', ');
}

function measured(value: MetricComparison['candidate'], unit: string): Drawn {
  return h(
    'span',
    { title: value === null ? undefined : String(value) },
    shortNumber(value),
    unit && ` ${unit}`
  );
}

/** ▲ is better and ▼ is worse, by the metric's own direction; the sign is that of the number. */
function difference(row: MetricComparison, trans: Translation): Child {
  if (row.difference === null) {
    return '–';
  }
  const number = h('span', { title: String(row.difference) }, signed(row.difference));
  if (row.better === null) {
    return row.difference === 0 ? [number, ' ', trans.__('equal')] : number;
  }
  return [
    number,
    ' ',
    row.better ? badge('▲', trans.__('better'), 'good') : badge('▼', trans.__('worse'), 'bad')
  ];
}

export function gates(checks: readonly Check[], trans: Translation): Drawn | null {
  if (checks.length === 0) {
    return null;
  }
  return section(
    trans.__('Gates'),
    h(
      'ul',
      { class: 'jmlops-list jmlops-signed' },
      checks.map(check => {
        const face = outcomeFace(check.outcome);
        const word = outcomeWord(check.outcome, trans);
        return h(
          'li',
          { key: check.name },
          h(
            'span',
            { class: `jmlops-sign jmlops-${face.tone}`, role: 'img', 'aria-label': word, title: word },
            face.sign
          ),
          ' ',
          h('strong', {}, check.name.replace(/_/g, ' ')),
          check.required ? h('span', { class: 'jmlops-aside' }, ` (${trans.__('required')})`) : null,
          ': ',
          check.summary
        );
      })
    )
  );
}

export function changes(evidence: Evidence, trans: Translation): Drawn | null {
  const cells = evidence.code.filter(change => change.kind !== 'same');
  if (evidence.changes.length === 0 && cells.length === 0) {
    return null;
  }
  return section(
    evidence.champion ? trans.__('What changed') : trans.__('The code that ran'),
    evidence.changes.length
      ? h(
          'ul',
          { class: 'jmlops-list jmlops-inline' },
          evidence.changes.map(phrase => h('li', { key: phrase }, phrase))
        )
      : null,
    cells.map(change => codeChange(change, trans))
  );
}
