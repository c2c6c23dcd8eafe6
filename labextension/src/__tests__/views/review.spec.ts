import { effect, type ReviewRecord } from '../../views/ballot';
import { drawReview } from '../../views/review';
import { untranslated } from '../../views/words';
import type { Decision, Verdict } from '../../wire';
import { actor, NOW, review } from '../samples';

const setting = { trans: untranslated, now: () => NOW };

function drawn(record: ReviewRecord, decide?: (verdict: Verdict, comment: string) => void): HTMLElement {
  const place = document.createElement('div');
  document.body.append(place);
  drawReview(place, record, { ...setting, ...(decide ? { decide } : {}) });
  return place;
}

const approval: Decision = {
  actor,
  verdict: 'approve',
  comment: 'looked at the worst slice',
  evidence_digest: '9c41f0',
  at: new Date(NOW).toISOString(),
  counts: true,
  note: 'self-approved'
};

const buttons = (place: HTMLElement): string[] =>
  [...place.querySelectorAll('button[data-verdict]')].map(button => button.textContent ?? '');

test('before anybody decides it says what approving will do', () => {
  const said = drawn({ review: review() }, () => undefined).textContent;
  expect(said).toContain('approving will move champion from 5 to 7');
});

test('with no champion it says that there is none yet, and compares with nothing', () => {
  const place = drawn(
    {
      review: review(
        {},
        {
          champion: null,
          metrics: [
            {
              name: 'mae',
              candidate: 41.2,
              champion: null,
              direction: 'lower',
              difference: null,
              better: null,
              required: false,
              unit: '',
              baseline: null
            }
          ]
        }
      )
    },
    () => undefined
  );
  expect(place.textContent).toContain('there is none yet');
  expect(place.textContent).not.toContain('difference');
});

test('an approval that is not the last says how many are missing', () => {
  expect(effect(review({ required: 3 }), untranslated)).toBe(
    'approving counts; 2 more approvals then move champion to 7'
  );
  expect(effect(review({ required: 2, decisions: [approval] }), untranslated)).toContain('will move');
});

test('a decision carries the verdict and the comment', () => {
  const decided: [Verdict, string][] = [];
  const place = drawn({ review: review() }, (verdict, comment) => decided.push([verdict, comment]));
  const field = place.querySelector('textarea');
  if (field) {
    field.value = '  because ';
  }
  place.querySelector<HTMLButtonElement>('[data-verdict=reject]')?.click();
  expect(decided).toEqual([['reject', 'because']]);
});

test('after the decision the buttons give way to what was decided, by whom, on which evidence', () => {
  const place = drawn({ review: review({ status: 'approved', decisions: [approval] }) }, () => undefined);
  expect(buttons(place)).toEqual([]);
  expect(place.textContent).toContain('Approved: champion moved from 5 to 7.');
  expect(place.textContent).toContain('by ana');
  expect(place.textContent).toContain('self-approved');
  expect(place.textContent).toContain('looked at the worst slice');
  expect(place.textContent).toContain('name not authenticated');
});

test('a lapse is said across the top with what changed', () => {
  const place = drawn({ review: review({ status: 'lapsed', reason: 'metrics changed' }) });
  expect(place.querySelector('[role=alert]')?.textContent).toContain('metrics changed');
  expect(place.textContent).toContain('the approvals have lapsed');
});

test('a decision made on other evidence is marked', () => {
  const place = drawn({ review: review({ decisions: [{ ...approval, evidence_digest: 'old' }] }) });
  expect(place.textContent).toContain('not the evidence shown here');
});

test('while a decision is under way nothing can be pressed', () => {
  const place = drawn({ review: review(), busy: true }, () => undefined);
  const all = [...place.querySelectorAll<HTMLButtonElement>('button[data-verdict]')];
  expect(all.map(button => button.disabled)).toEqual([true, true, true]);
});

test('where nobody listens there are no buttons but the command to type', () => {
  const place = drawn({ review: review(), frozen: true }, () => undefined);
  expect(buttons(place)).toEqual([]);
  expect(place.querySelector('code')?.textContent).toContain('jupyter mlops review decide 01k9b');
});

test('better and worse follow the metric’s own direction, in sign and word', () => {
  const row = { champion: 42, required: true, unit: '', baseline: null } as const;
  const place = drawn({
    review: review(
      {},
      {
        metrics: [
          { ...row, name: 'mae', candidate: 41, direction: 'lower', difference: -1, better: true },
          { ...row, name: 'r2', candidate: 0.8, direction: 'higher', difference: -0.1, better: false }
        ]
      }
    )
  });
  const [mae, r2] = [...place.querySelectorAll('tbody tr')].map(line => line.textContent);
  expect(mae).toContain('−1 ▲ better');
  expect(r2).toContain('−0.1 ▼ worse');
});

test('without a champion a logged baseline is what the metrics stand beside', () => {
  const row = { name: 'mae', candidate: 41, champion: null, baseline: 50, direction: 'lower' } as const;
  const place = drawn({
    review: review(
      {},
      {
        champion: null,
        against: 'baseline',
        metrics: [{ ...row, difference: -9, better: true, required: false, unit: '' }]
      }
    )
  });
  expect(place.querySelector('thead')?.textContent).toContain('simple baseline');
  expect(place.querySelector('tbody')?.textContent).toContain('−9 ▲ better');
});

test('who made the version cannot approve it, and reads the policy’s sentence', () => {
  const rules = 'One approval; the author may not approve.';
  const place = drawn({ review: review({ barred: ['ana'], rules }), actor: 'ana' }, () => undefined);
  const all = [...place.querySelectorAll<HTMLButtonElement>('button[data-verdict]')];
  expect(all.map(button => button.disabled)).toEqual([true, false, false]);
  expect(place.textContent).toContain('somebody else has to approve it');
  expect(place.textContent).toContain(rules);
  const other = drawn({ review: review({ barred: ['ana'], rules }), actor: 'bo' }, () => undefined);
  expect(other.querySelector<HTMLButtonElement>('[data-verdict=approve]')?.disabled).toBe(false);
});

test('a decision that goes by the server says so; where there is no way to it there are no buttons', () => {
  const decide = () => undefined;
  expect(drawn({ review: review(), door: 'server' }, decide).textContent).toContain('your browser sends');
  const closed = drawn({ review: review(), door: 'closed' }, decide);
  expect(buttons(closed)).toEqual([]);
  expect(closed.textContent).toContain('MLOps panel');
});
