import { drawBoard } from '../../views/board';
import { drawBrowser } from '../../views/browser';
import { chart } from '../../views/chart';
import { diffLines } from '../../views/code';
import { draw } from '../../views/draw';
import { drawJobs, type JobsRecord, squares } from '../../views/jobs';
import { queryMistake } from '../../views/notice';
import { drawReviews } from '../../views/reviews';
import { drawRun } from '../../views/run';
import { runsList } from '../../views/runs';
import { untranslated } from '../../views/words';
import type { Fix, Job } from '../../wire';
import { at, job, NOW, run } from '../samples';

const setting = { trans: untranslated, now: () => NOW };
const place = (): HTMLElement => document.body.appendChild(document.createElement('div'));

test('a mistake is underlined at its column', () => {
  const here = place();
  draw(
    here,
    queryMistake('metrics.mae << 42', {
      code: 'invalid',
      message: 'expected a number',
      remedy: '',
      data: { column: 14 }
    })
  );
  expect(here.querySelector('mark')?.textContent).toBe('<');
  expect(here.querySelector('code')?.textContent).toBe('metrics.mae << 42');
});

test('a mistake at the end of the query has something to underline', () => {
  const here = place();
  draw(here, queryMistake('mae <', { code: 'invalid', message: 'm', remedy: '', data: { column: 6 } }));
  expect(here.querySelector('mark')?.textContent).toBe('\u00a0');
});

test('a list that waits, one that is empty and one that failed say so', () => {
  const here = place();
  const nothing = (): void => undefined;
  const callbacks = {
    ...setting,
    search: nothing,
    compare: nothing,
    tag: nothing,
    rename: nothing,
    archive: nothing
  };
  const record = { total: 0, archived: false, chosenRuns: [] };
  drawBrowser(here, record, callbacks);
  expect(here.querySelector('[role=status]')).not.toBeNull();
  drawBrowser(here, { ...record, runs: [] }, callbacks);
  expect(here.textContent).toContain('%%track');
  drawBrowser(
    here,
    { ...record, failure: { code: 'unavailable', message: 'no answer', remedy: 'wait', data: {} } },
    callbacks
  );
  expect(here.querySelector('[role=alert]')?.textContent).toContain('no answerwait');
});

test('a row of what lists leave out says so', () => {
  const here = place();
  const runs = [run(), run({ id: 'b'.repeat(26), archived: true })];
  draw(here, runsList({ runs, total: 2 }, setting));
  const said = [...here.querySelectorAll('li')].map(line => line.textContent.includes('archived'));
  expect(said).toEqual([false, true]);
});

test('what can be done with the chosen depends on how many there are', () => {
  const here = place();
  const nothing = (): void => undefined;
  const callbacks = {
    ...setting,
    search: nothing,
    compare: nothing,
    tag: nothing,
    rename: nothing,
    archive: nothing
  };
  const runs = [run(), run({ id: 'b'.repeat(26), name: 'deeper' })];
  const shown = (chosenRuns: typeof runs): string => {
    drawBrowser(here, { runs, total: 2, archived: false, chosenRuns }, callbacks);
    return here.querySelector('.jmlops-chosen')?.textContent ?? '';
  };
  expect(shown([])).toBe('');
  expect(shown(runs.slice(0, 1))).toContain('Rename');
  expect(shown(runs)).toContain('Compare 2');
  expect(shown(runs)).not.toContain('Rename');
});

const progress = { index: 1, total: 3, cell: null, source: 'fit()', started: null };

test.each([
  ['running', ['done', 'running', 'waiting']],
  ['failed', ['done', 'failed', 'waiting']],
  ['cancelled', ['done', 'waiting', 'waiting']],
  ['succeeded', ['done', 'done', 'done']]
] as const)('the strip of a %s job', (status, expected) => {
  expect(squares(job({ status, progress: progress }))).toEqual(expected);
});

test('a job that is at work can be cancelled by name, one that has ended cannot', () => {
  const here = place();
  const cancelled: string[] = [];
  const callbacks = { ...setting, cancel: (id: string) => cancelled.push(id) };
  drawJobs(here, { jobs: [job()], total: 1 }, callbacks);
  [...here.querySelectorAll('button')].find(button => button.textContent === 'Cancel train.ipynb')?.click();
  expect(cancelled).toEqual([job().id]);
  drawJobs(here, { jobs: [job({ status: 'succeeded' })], total: 1 }, callbacks);
  expect(here.textContent).not.toContain('Cancel');
});

test('a job that is tried again says when, and how it went before', () => {
  const here = place();
  const error = { kind: 'out_of_memory', message: 'held too much', cell: null, index: null, remedy: '' };
  const attempts = [
    { number: 1, status: 'failed' as const, queued: at(9), error }
  ] as unknown as Job['attempts'];
  const record = (more: Partial<Job>): JobsRecord => ({
    jobs: [job({ status: 'queued', ...more })],
    total: 1
  });
  drawJobs(here, record({ attempt: 2, attempts, not_before: at(-0.5) }), setting);
  expect(here.textContent).toContain('Tried again in 30.0 s');
  expect(here.querySelector('details li')?.textContent).toBe('failed: out_of_memory: held too much');
  expect(here.querySelector('summary')?.textContent).toBe('Earlier attempts 1');
  drawJobs(here, record({}), setting);
  expect(here.querySelector('details')).toBeNull();
  expect(here.textContent).not.toContain('Tried again');
});

test('a job that failed can be tried again, and what helps is shown before it is done', () => {
  const here = place();
  const said: unknown[] = [];
  const callbacks = {
    ...setting,
    retry: (id: string) => said.push(['retry', id]),
    fix: (id: string, apply: boolean) => said.push(['fix', id, apply])
  };
  const failed = job({ status: 'failed' });
  const press = (text: string): void =>
    [...here.querySelectorAll('button')].find(button => button.textContent === text)?.click();
  drawJobs(here, { jobs: [failed], total: 1 }, callbacks);
  press('Try train.ipynb again');
  press('Look for a remedy');
  const fix: Fix = { job: failed.id, kind: 'more_time', what: 'w', steps: ['try <again>'], applied: false };
  drawJobs(here, { jobs: [failed], total: 1, fixes: new Map([[failed.id, fix]]) }, callbacks);
  expect(here.querySelector('[role=status] li')?.textContent).toBe('try <again>');
  press('Look for a remedy');
  press('Do it');
  expect(said).toEqual([
    ['retry', failed.id],
    ['fix', failed.id, false],
    ['fix', failed.id, true]
  ]);
  const none = new Map([[failed.id, { ...fix, steps: [] }]]);
  drawJobs(here, { jobs: [failed], total: 1, fixes: none }, callbacks);
  expect(here.querySelector('[role=status]')?.textContent).toBe('No safe remedy is known.');
  drawJobs(here, { jobs: [job({ status: 'succeeded' })], total: 1 }, callbacks);
  expect(here.textContent).not.toContain('again');
  drawJobs(here, { jobs: [job({ status: 'cancelled' })], total: 1 }, callbacks);
  expect(here.textContent).not.toContain('remedy');
});

test('a warning stands on a job, and its sign is not read aloud', () => {
  const here = place();
  const warnings = ['1 output of cell a was withheld'];
  const callbacks = { ...setting, cancel: () => undefined };
  drawJobs(here, { jobs: [job({ status: 'succeeded', warnings })], total: 1 }, callbacks);
  expect(here.textContent).toContain('⚠ 1 output of cell a was withheld');
  expect(here.querySelector('.jmlops-warn')?.getAttribute('aria-hidden')).toBe('true');
  drawJobs(here, { jobs: [job({ status: 'succeeded' })], total: 1 }, callbacks);
  expect(here.textContent).not.toContain('⚠');
});

test('empty boards say the line that fills them', () => {
  const here = place();
  drawBoard(here, { shelves: [] }, setting);
  expect(here.textContent).toContain('jupyter mlops register RUN --as MODEL');
  const there = place();
  drawReviews(there, { reviews: [] }, setting);
  expect(there.textContent).toContain('jupyter mlops review open MODEL:VERSION');
});

test('a curve with one point, or none that is finite, is not drawn', () => {
  expect(chart([{ name: 'a', points: [{ step: 0, value: 1 }] }], setting)).toBeNull();
  expect(
    chart(
      [
        {
          name: 'a',
          points: [
            { step: 0, value: 'nan' },
            { step: 1, value: 'inf' }
          ]
        }
      ],
      setting
    )
  ).toBeNull();
});

test('a diff is read line by line without its headers', () => {
  expect(diffLines('--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n same\n').map(line => line.kind)).toEqual([
    'place',
    'removed',
    'added',
    'same'
  ]);
});

test('a host whose translator needs to be itself is asked as itself', () => {
  const bundle = {
    seen: 0,
    __(text: string): string {
      this.seen += 1;
      return text;
    },
    _n(one: string): string {
      this.seen += 1;
      return one;
    }
  };
  const here = place();
  const curves = [{ name: 'loss', points: [0, 1, 2].map(step => ({ step, value: 3 - step })) }];
  drawRun(here, { run: run(), curves }, { trans: bundle, now: () => NOW });
  expect(here.querySelector('.jmlops-chart svg')).not.toBeNull();
  expect(bundle.seen).toBeGreaterThan(5);
});
