import { drawBoard } from '../../views/board';
import { draw } from '../../views/draw';
import { groupsTable } from '../../views/groups';
import { drawJobs } from '../../views/jobs';
import { drawRun } from '../../views/run';
import { untranslated } from '../../views/words';
import type { Relative, RunGroup, RunTrust } from '../../wire';
import { beside, job, NOW, run } from '../samples';

const setting = { trans: untranslated, now: () => NOW };
const place = (): HTMLElement => document.body.appendChild(document.createElement('div'));

const CLEAN: RunTrust = { grade: 'clean', grade_reason: '', document: 'unknown' };
const STALE: RunTrust = {
  grade: 'stale',
  grade_reason: 'cell <b>4</b> was run again',
  document: 'orphaned'
};

/** What each badge says, and the sentence under the pointer. */
const badges = (here: ParentNode): readonly (readonly [string, string])[] =>
  [...here.querySelectorAll<HTMLElement>('.jmlops-badge')].map(({ textContent, title }) => [
    textContent,
    title
  ]);
const ORPHANED = ['⚠ notebook orphaned', 'A cell this run rests on is gone from the notebook'];
const said = expect.stringContaining('trusted') as string;

afterEach(() => {
  document.body.replaceChildren();
});

test('a group has the worst grade of its runs, with its sentence; where none is known there is no column', () => {
  const group = (name: string, trust: RunTrust | null): RunGroup => ({
    experiment: 'air',
    name,
    params: {},
    runs: [name],
    metrics: {},
    trust
  });
  const shown = (...groups: readonly RunGroup[]): HTMLElement => {
    const here = place();
    draw(here, groupsTable({ over: '', groups }, new Set(), setting));
    return here;
  };
  const here = shown(group('a', STALE), group('b', CLEAN), group('c', null));
  expect(badges(here)).toEqual([['⚠ stale', STALE.grade_reason], ORPHANED, ['✓ clean', said]]);
  expect([...here.querySelectorAll('tbody tr')].at(-1)?.textContent).toContain('–');
  expect(here.querySelector('b')).toBeNull();
  expect(here.textContent).toContain('worst grade');
  expect(shown(group('c', null)).textContent).not.toContain('worst grade');
});

test('a version says how far the run can be trusted that it came from', () => {
  const version = (number: number, trust: RunTrust | null) =>
    ({
      model: 'pm25',
      version: number,
      kind: 'sklearn.Ridge',
      size: 1,
      created: '2026-01-01T00:00:00Z',
      digest: 'd'.repeat(64),
      run: 'r',
      trust
    }) as never;
  const here = place();
  const model = { name: 'pm25', description: '' } as never;
  drawBoard(
    here,
    { shelves: [{ model, versions: [version(2, STALE), version(1, null)], aliases: [] }] },
    setting
  );
  const [second, first] = [...here.querySelectorAll('.jmlops-list > li')];
  expect(second && badges(second)).toEqual([['⚠ stale', STALE.grade_reason], ORPHANED]);
  expect(first && badges(first)).toEqual([]);
});

test('a job has the grade of its run beside its state, once there is one', () => {
  const here = place();
  drawJobs(
    here,
    { jobs: [job({ status: 'succeeded', run: 'r', trust: STALE }), job({ id: 'other' })], total: 2 },
    setting
  );
  const [ended, going] = [...here.querySelectorAll('li')];
  expect(ended && badges(ended)).toEqual([['⚠ stale', STALE.grade_reason], ORPHANED]);
  expect(ended?.textContent).toMatch(/succeeded\s*⚠ stale/);
  expect(going && badges(going)).toEqual([]);
});

test('the runs around a run have their grades beside them', () => {
  const relative = (name: string, trust: RunTrust | null): Relative => ({
    run: `${name}abcdef`,
    name,
    status: 'finished',
    metric: 'mae',
    value: 41.25,
    trust
  });
  const kin = beside({
    parent: relative('search', CLEAN),
    children: [relative('trial 1', STALE), relative('trial 2', null)],
    has_children: 2
  });
  const here = place();
  drawRun(here, { run: run(), beside: kin }, setting);
  const lines = [...here.querySelectorAll('.jmlops-fold')].map(line => line.textContent);
  expect(lines).toContain('part of search (abcdef) ✓ clean mae 41.25');
  expect(lines).toContain(
    'its runs trial 1 (abcdef) ⚠ stale ⚠ notebook orphaned mae 41.25 · trial 2 (abcdef) mae 41.25'
  );
});
