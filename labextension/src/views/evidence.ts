/** The review: what is asked, what the evidence says, what was decided, and the buttons to decide with. */

import type { Check, Decision, Evidence, Failure, MetricComparison, Review, Side, Verdict } from '../wire';
import { badge, gradeBadge, idMark, outcomeFace, outcomeWord, reviewBadge, when } from './badge';
import { codeChange } from './code';
import { draw, h, type Child, type Drawn } from './draw';
import { failureState } from './notice';
import { table, type Column } from './table';
import { shortDigest, shortNumber, shortSize, signed, type Setting, type Translation } from './words';

export interface ReviewRecord {
  readonly review: Review;
  readonly busy?: boolean;
  readonly failure?: Failure | null;
  /** Nobody listens behind the buttons: a saved notebook, a kernel that is gone. */
  readonly frozen?: boolean;
  /** Somebody was asked to enter a decision and has not answered. */
  readonly silent?: boolean;
  /** In whose name a decision is entered. */
  readonly actor?: string;
}

export interface ReviewCallbacks extends Setting {
  readonly decide?: (verdict: Verdict, comment: string) => void;
  readonly openRun?: (run: string) => void;
}

/** Draw a review into *element*. */
export function drawReview(element: Element, record: ReviewRecord, callbacks: ReviewCallbacks): void {
  const { review } = record;
  const { trans } = callbacks;
  draw(
    element,
    h(
      'article',
      {
        class: 'jmlops jmlops-review',
        'aria-label': trans.__('Review of %1', `${review.model}:${review.version}`)
      },
      heading(review, callbacks),
      lapsed(review, trans),
      h(
        'p',
        { class: `jmlops-headline jmlops-headline-${leaning(review.evidence)}` },
        review.evidence.headline
      ),
      attention(review.evidence, trans),
      metrics(review, trans),
      gates(review.evidence.checks, trans),
      changes(review.evidence, trans),
      sides(review, callbacks),
      review.decisions.length ? decisions(review, callbacks) : null,
      outcome(record, callbacks)
    )
  );
}

/** Which way the evidence points, for the edge of the headline's box only. */
function leaning(evidence: Evidence): 'good' | 'warn' {
  const failed = evidence.checks.some(check => check.required && check.outcome !== 'passed');
  return failed || evidence.attention.length > 0 ? 'warn' : 'good';
}

function heading(review: Review, callbacks: ReviewCallbacks): Drawn {
  const { trans } = callbacks;
  const approvals = approvalsOf(review);
  return h(
    'header',
    { class: 'jmlops-heading' },
    h('h3', {}, `${review.model}:${review.version} → ${review.alias}`),
    reviewBadge(review.status, trans),
    h(
      'span',
      { class: 'jmlops-aside' },
      trans.__('asked by %1', review.actor.name),
      ', ',
      when(review.opened, callbacks),
      ' · ',
      trans._n('%2 of %1 approval', '%2 of %1 approvals', review.required, approvals),
      ' · ',
      trans.__('evidence'),
      ' ',
      idMark(review.evidence_digest, trans, 'digest')
    )
  );
}

const approvalsOf = (review: Review): number =>
  review.decisions.filter(decision => decision.counts && decision.verdict === 'approve').length;

function lapsed(review: Review, trans: Translation): Drawn | null {
  if (review.status !== 'lapsed') {
    return null;
  }
  return h(
    'div',
    { class: 'jmlops-bar', role: 'alert' },
    h('span', { class: 'jmlops-sign jmlops-warn', 'aria-hidden': 'true' }, '⚠'),
    h(
      'span',
      {},
      h('strong', {}, trans.__('The evidence changed, and the approvals have lapsed.')),
      ' ',
      review.reason
    )
  );
}

function attention(evidence: Evidence, trans: Translation): Drawn | null {
  if (evidence.attention.length === 0) {
    return null;
  }
  return section(
    trans.__('Needs attention'),
    h(
      'ul',
      { class: 'jmlops-list' },
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

function section(title: string, ...content: readonly Child[]): Drawn {
  return h('section', { class: 'jmlops-part', key: title }, h('h4', {}, title), content);
}

function metrics(review: Review, trans: Translation): Drawn | null {
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

function gates(checks: readonly Check[], trans: Translation): Drawn | null {
  if (checks.length === 0) {
    return null;
  }
  return section(
    trans.__('Gates'),
    h(
      'ul',
      { class: 'jmlops-list' },
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
          h('strong', {}, check.name),
          check.required ? h('span', { class: 'jmlops-aside' }, ' ', trans.__('required')) : null,
          ' ',
          check.summary
        );
      })
    )
  );
}

function changes(evidence: Evidence, trans: Translation): Drawn | null {
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

/** What the two versions rest on, line by line. */
function sides(review: Review, callbacks: ReviewCallbacks): Drawn {
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

const graded = (side: Side): Child => (side.grade_reason ? ` ${side.grade_reason}` : null);

function runLink(side: Side, { openRun, trans }: ReviewCallbacks): Child {
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

function decisions(review: Review, callbacks: ReviewCallbacks): Drawn {
  return section(
    callbacks.trans.__('Decisions'),
    h(
      'ul',
      { class: 'jmlops-list' },
      review.decisions.map((decision, index) =>
        h('li', { key: String(index) }, decided(decision, review, callbacks))
      )
    )
  );
}

function decided(decision: Decision, review: Review, callbacks: ReviewCallbacks): Child {
  const { trans } = callbacks;
  const faces: Readonly<Record<Verdict, Drawn>> = {
    approve: badge('✓', trans.__('approved'), 'good'),
    reject: badge('✕', trans.__('rejected'), 'bad'),
    abstain: badge('–', trans.__('abstained'), 'plain')
  };
  return [
    faces[decision.verdict],
    ' ',
    trans.__('by %1', decision.actor.name),
    ', ',
    when(decision.at, callbacks),
    ', ',
    trans.__('on evidence'),
    ' ',
    idMark(decision.evidence_digest, trans, 'digest'),
    decision.evidence_digest === review.evidence_digest
      ? null
      : badge('⚠', trans.__('not the evidence shown here'), 'warn'),
    decision.actor.authenticated
      ? null
      : h('span', { class: 'jmlops-aside' }, ' · ', trans.__('name not authenticated')),
    decision.note ? h('span', { class: 'jmlops-aside' }, ' · ', decision.note) : null,
    decision.counts ? null : h('span', { class: 'jmlops-aside' }, ' · ', trans.__('does not count')),
    decision.comment ? h('blockquote', { class: 'jmlops-quote' }, decision.comment) : null
  ];
}

/** What approving would do, in words, before anybody does it. */
export function effect(review: Review, trans: Translation): string {
  const { champion } = review.evidence;
  const missing = review.required - approvalsOf(review) - 1;
  if (missing > 0) {
    return trans._n(
      'approving counts; one more approval then moves %2 to %3',
      'approving counts; %1 more approvals then move %2 to %3',
      missing,
      review.alias,
      review.version
    );
  }
  return champion
    ? trans.__('approving will move %1 from %2 to %3', review.alias, champion.version, review.version)
    : trans.__('approving will set %1 to %2; there is none yet', review.alias, review.version);
}

function verdictSentence(review: Review, trans: Translation): string {
  const { champion } = review.evidence;
  switch (review.status) {
    case 'approved':
      return champion
        ? trans.__('Approved: %1 moved from %2 to %3.', review.alias, champion.version, review.version)
        : trans.__('Approved: %1 is now %2.', review.alias, `${review.model}:${review.version}`);
    case 'rejected':
      return trans.__('Rejected: %1 stays where it is.', review.alias);
    case 'withdrawn':
      return trans.__('Withdrawn: nothing was moved.');
    case 'expired':
      return trans.__('Expired: nothing was moved.');
    case 'lapsed':
      return trans.__('Lapsed: open a new review to decide on the present evidence.');
    case 'open':
      return '';
  }
}

function outcome(record: ReviewRecord, callbacks: ReviewCallbacks): Drawn {
  const { review } = record;
  const { trans } = callbacks;
  if (review.status !== 'open') {
    return h(
      'footer',
      { class: 'jmlops-outcome', role: 'status', tabindex: -1, key: 'outcome' },
      h('strong', {}, verdictSentence(review, trans)),
      review.status !== 'lapsed' && review.reason ? ` ${review.reason}` : null
    );
  }
  const { decide } = callbacks;
  return h(
    'footer',
    { class: 'jmlops-decide', key: 'decide', 'aria-busy': record.busy === true ? 'true' : undefined },
    decide && record.frozen !== true && record.silent !== true
      ? ballot(record, decide, trans)
      : unattended(record, trans),
    record.failure ? failureState(record.failure) : null
  );
}

function ballot(
  record: ReviewRecord,
  decide: (verdict: Verdict, comment: string) => void,
  trans: Translation
): Child {
  const busy = record.busy === true;
  const button = (verdict: Verdict, word: string, kind: string): Drawn =>
    h(
      'button',
      {
        type: 'button',
        class: `jmlops-button ${kind}`,
        disabled: busy,
        'data-verdict': verdict,
        on: {
          click: event => {
            decide(verdict, commentNear(event));
          }
        }
      },
      word
    );
  return [
    h(
      'label',
      { class: 'jmlops-field' },
      h('span', {}, trans.__('Comment')),
      h('textarea', { rows: 2, class: 'jmlops-input', name: 'comment', disabled: busy })
    ),
    h(
      'div',
      { class: 'jmlops-buttons' },
      button('approve', trans.__('Approve'), 'jmlops-primary'),
      button('reject', trans.__('Reject'), ''),
      button('abstain', trans.__('Abstain'), ''),
      h(
        'span',
        { class: 'jmlops-aside', role: 'status' },
        busy ? trans.__('Recording the decision…') : effect(record.review, trans),
        record.actor && !busy ? ` · ${trans.__('deciding as %1', record.actor)}` : null
      )
    )
  ];
}

function commentNear(event: Event): string {
  const footer = event.currentTarget instanceof Element ? event.currentTarget.closest('footer') : null;
  return footer?.querySelector('textarea')?.value.trim() ?? '';
}

function unattended({ review, silent }: ReviewRecord, trans: Translation): Child {
  return [
    h(
      'p',
      { role: silent === true ? 'alert' : undefined },
      silent === true
        ? trans.__(
            'No kernel has answered. One that is busy may still do so; if there is none, run the cell again to decide here, or in a terminal:'
          )
        : trans.__('No kernel is behind this view. Run the cell again to decide here, or in a terminal:')
    ),
    h('code', { class: 'jmlops-code' }, `jupyter mlops review decide ${review.id} approve --comment "…"`)
  ];
}
