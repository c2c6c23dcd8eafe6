import type { ReviewRecord } from '../../views/ballot';
import { drawReview } from '../../views/review';
import { untranslated } from '../../views/words';
import type { Decision, Verdict } from '../../wire';
import { actor, NOW, prospect, review, side } from '../samples';

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

const disabled = (place: HTMLElement): boolean[] =>
  [...place.querySelectorAll<HTMLButtonElement>('button[data-verdict]')].map(button => button.disabled);

test('before anybody decides it says what approving will do, and in whose name', () => {
  const place = drawn({ review: review({ prospect: prospect() }) }, () => undefined);
  expect(place.querySelector('[role=status]')?.textContent).toBe(
    'approving will move champion from 5 to 7 · deciding as bo'
  );
  expect(disabled(place)).toEqual([false, false, false]);
  expect(place.querySelector('.jmlops-prospect')).toBeNull();
});

test('the answer counts what needs attention', () => {
  const said = (attention: string[]) =>
    drawn({ review: review({}, { attention }) }).querySelector('.jmlops-headline')?.textContent;
  expect(said([])).toBe('Better than champion pm25:5 on 2 of 2 metrics.');
  expect(said(['r2 is worse by 0.1.'])).toContain('metrics. 1 thing needs attention.');
});

test('the rules of the policy are shown, decided or not', () => {
  const rules = 'Two approvals by bo, cleo; the author may not approve.';
  for (const status of ['open', 'approved', 'lapsed'] as const) {
    expect(drawn({ review: review({ rules, status }) }, () => undefined).textContent).toContain(
      `Rules: ${rules}`
    );
  }
});

test('with no champion nothing is compared', () => {
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
  expect(place.textContent).not.toContain('difference');
});

test.each<Verdict>(['approve', 'reject', 'abstain'])('to %s carries the verdict and the comment', verdict => {
  const decided: [Verdict, string][] = [];
  const place = drawn({ review: review() }, (said, comment) => decided.push([said, comment]));
  const field = place.querySelector('textarea');
  if (field) {
    field.value = '  because ';
  }
  place.querySelector<HTMLButtonElement>(`[data-verdict=${verdict}]`)?.click();
  expect(decided).toEqual([[verdict, 'because']]);
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
  const named = drawn({ review: review({ status: 'lapsed', reason: 'r', changed: ['grade', 'data'] }) });
  expect(named.querySelector('[role=alert] strong')?.textContent).toBe(
    'The evidence changed (grade, data), and the approvals have lapsed.'
  );
  expect(named.querySelector('footer code')?.textContent).toBe('jupyter mlops review open pm25:7');
});

test.each([
  ['open', false],
  ['approved', false],
  ['rejected', true],
  ['withdrawn', true],
  ['expired', true],
  ['lapsed', true]
] as const)('a review that is %s offers to ask for a new one: %p', (status, offered) => {
  let asked = 0;
  const renew = (): void => {
    asked += 1;
  };
  const place = document.body.appendChild(document.createElement('div'));
  const record = { review: review({ status, reason: 'as it is' }) };
  const button = () =>
    [...place.querySelectorAll('footer button')].find(
      found => found.textContent === 'Ask for a new review'
    ) as HTMLButtonElement | undefined;
  drawReview(place, record, { ...setting, renew });
  expect(button() !== undefined).toBe(offered);
  expect(place.querySelector('footer code') !== null).toBe(status === 'open');
  button()?.click();
  expect(asked).toBe(offered ? 1 : 0);
  drawReview(place, { ...record, busy: true }, { ...setting, renew });
  expect(button()?.disabled).toBe(offered ? true : undefined);
  drawReview(place, record, setting);
  expect(button()).toBeUndefined();
  expect(place.querySelector('footer code') !== null).toBe(status === 'lapsed' || status === 'open');
});

test('why a review ended stands once on the page, button or not', () => {
  const renew = (): void => undefined;
  for (const status of ['rejected', 'withdrawn', 'expired', 'lapsed'] as const) {
    const place = document.createElement('div');
    drawReview(place, { review: review({ status, reason: 'metrics changed' }) }, { ...setting, renew });
    expect(place.textContent.split('metrics changed')).toHaveLength(2);
  }
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

test('an approval that would be refused cannot be pressed, and the reason and the next step are said', () => {
  const place = drawn(
    {
      review: review({
        prospect: prospect({
          name: 'ana',
          says: 'ana made pm25:7, and the policy of pm25 lets nobody approve their own',
          refused: 'ana made pm25:7, and the policy of pm25 lets nobody approve their own',
          remedy: 'Ask somebody else to look.'
        })
      })
    },
    () => undefined
  );
  expect(disabled(place)).toEqual([true, false, false]);
  expect(place.querySelector('.jmlops-prospect')?.textContent).toBe(
    '⚠Deciding as ana: ana made pm25:7, and the policy of pm25 lets nobody approve their own. Ask somebody else to look.'
  );
});

test('a decision that would not count says so before it is made, and can be made', () => {
  const says = 'a decision is recorded here and does not count: eve is not among the reviewers';
  const told = prospect({ name: 'eve', says, uncounted: 'eve is not among the reviewers' });
  const place = drawn({ review: review({ prospect: told }) }, () => undefined);
  expect(disabled(place)).toEqual([false, false, false]);
  expect(place.querySelector('.jmlops-prospect')?.textContent).toContain(says);
  expect(place.querySelector('.jmlops-prospect .jmlops-warn')?.textContent).toBe('⚠');
});

test('an approval that does not count bears no sign of one that does, and says so first', () => {
  const note = 'not counted: eve is not among the reviewers';
  const place = drawn({
    review: review({ required: 2, decisions: [{ ...approval, counts: false, note }, approval] })
  });
  const [without, counted] = [...place.querySelectorAll('.jmlops-decisions > li')];
  expect(without?.textContent?.startsWith(`⚠ ${note} · approved by ana`)).toBe(true);
  expect(without?.querySelector('.jmlops-good')).toBeNull();
  expect(counted?.querySelector('.jmlops-good')?.textContent).toBe('✓ approved');
  expect(place.querySelector('header')?.textContent).toContain('1 of 2 approvals');
});

test('an approval of what the alias pointed at already says that it stays', () => {
  const place = drawn({
    review: review({ status: 'approved', decisions: [approval], version: 5 }, { candidate: side(5) })
  });
  expect(place.querySelector('footer')?.textContent).toBe(
    'Approved: champion stays at 5, where it pointed already.'
  );
});

test('a decision that goes by the server says so; where there is no way to it there are no buttons', () => {
  const decide = () => undefined;
  const known = review({ prospect: prospect() });
  expect(drawn({ review: known, door: 'server' }, decide).textContent).toContain(
    'sends this one there, as bo'
  );
  const asking = drawn({ review: review(), door: 'server', asking: true }, decide).textContent;
  expect(asking).toContain('asking the server what a decision of yours would come to…');
  const closed = drawn({ review: review(), door: 'closed' }, decide);
  expect(buttons(closed)).toEqual([]);
  expect(closed.textContent).toContain('MLOps panel');
});

test('seeds and imported files stand with what the evidence rests on', () => {
  const candidate = side(7, { seeds: ['random.seed(1)'], modules: { '<i>a</i>.py': 'a'.repeat(64) } });
  const place = drawn({ review: review({}, { candidate }) });
  const line = (name: string) =>
    [...place.querySelectorAll('.jmlops-facts tr')].find(row => row.textContent?.startsWith(name))
      ?.textContent;
  expect(line('seeds')).toBe('seedsrandom.seed(1)–');
  expect(line('imported files')).toBe('imported files<i>a</i>.py aaaaaa–');
});

test('why a decision was refused is told also when the review is closed meanwhile', () => {
  const failure = { code: 'closed', message: 'Somebody was faster.', remedy: 'Look again.', data: {} };
  for (const status of ['open', 'approved', 'lapsed'] as const) {
    const place = drawn({ review: review({ status }), failure }, () => undefined);
    expect(place.querySelector('footer .jmlops-failure')?.textContent).toBe(
      '✕Somebody was faster.Look again.'
    );
  }
});

test('the button that was pressed keeps the focus while its decision is recorded, and sends no second one', () => {
  const verdicts: Verdict[] = [];
  const decide = (verdict: Verdict): void => {
    verdicts.push(verdict);
  };
  const place = drawn({ review: review() }, decide);
  const pressed = place.querySelector<HTMLButtonElement>('[data-verdict=reject]');
  pressed?.focus();
  pressed?.click();
  drawReview(place, { review: review(), busy: true }, { ...setting, decide });
  expect(document.activeElement).toBe(pressed);
  expect([pressed?.getAttribute('aria-disabled'), disabled(place)]).toEqual(['true', [true, false, true]]);
  pressed?.click();
  expect(verdicts).toEqual(['reject']);
});
