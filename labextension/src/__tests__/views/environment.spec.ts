import { drawRun, type RunRecord } from '../../views/run';
import { untranslated } from '../../views/words';
import type { Artifact, Environment } from '../../wire';
import { beside, NOW, run } from '../samples';

const ran: Environment = {
  python: '3.12.3',
  implementation: 'CPython',
  platform: 'Linux-6.8',
  cpus: 8,
  packages: { numpy: '2.1.0', '<img src=x>': '1 "<b>"' },
  digest: 'd',
  processor: 'EPYC',
  gpus: ['A100', 'A100', 'T4']
};
const file = (name: string): Artifact => ({
  run: run().id,
  name,
  digest: 'd'.repeat(64),
  size: 10,
  media_type: 'text/plain'
});

function shown(record: Partial<RunRecord>): HTMLElement {
  const here = document.body.appendChild(document.createElement('div'));
  const look = () => new Promise<never>(() => undefined);
  drawRun(here, { run: run(), ...record }, { trans: untranslated, now: () => NOW, look });
  return here;
}

const foldOf = (here: HTMLElement): HTMLDetailsElement | null =>
  here.querySelector('.jmlops-packages')?.closest('details') ?? null;

afterEach(() => {
  document.body.replaceChildren();
});

test('what a run ran with is one line, and behind it every package with its version, and the list as a file', () => {
  const here = shown({
    beside: beside({ environment: ran, has_files: 1 }),
    artifacts: [file('source/environment.txt')]
  });
  const fold = foldOf(here);
  expect(fold?.open).toBe(false);
  expect(fold?.querySelector('summary')?.textContent).toBe(
    'environment Python 3.12.3 · Linux-6.8 · EPYC, 8 CPUs · 2 × A100, T4 · 2 packages'
  );
  expect([...(fold?.querySelectorAll('.jmlops-packages li') ?? [])].map(item => item.textContent)).toEqual([
    'numpy 2.1.0',
    '<img src=x> 1 "<b>"'
  ]);
  expect(here.querySelector('img, b')).toBeNull();
  expect(fold?.querySelector('[aria-label="Look at source/environment.txt"]')).not.toBeNull();
  // It is neither an output nor a change that no commit holds.
  expect(here.querySelectorAll('[aria-label="Look at source/environment.txt"]')).toHaveLength(1);
  expect(here.textContent).not.toContain('uncommitted');
});

test('of a machine that says little of itself the line says less, and of none there is no fold', () => {
  const bare = { ...ran, cpus: null, processor: '', gpus: [], packages: {} };
  expect(
    foldOf(shown({ beside: beside({ environment: bare }) }))?.querySelector('summary')?.textContent
  ).toBe('environment Python 3.12.3 · Linux-6.8 · 0 packages');
  expect(foldOf(shown({ beside: beside() }))).toBeNull();
  expect(foldOf(shown({}))).toBeNull();
});

test('a commit stands with its branch, where it was on one', () => {
  const source = { ...run().source, commit: '1a2b3c4d5e6f', dirty: ['a.py'] };
  const line = (branch: string | null) =>
    shown({ run: run({ source: { ...source, branch } }) }).querySelector('.jmlops-badges')?.textContent;
  expect(line('feat/<b>')).toContain('git 1a2b3c4 on feat/<b> (+1 changed file)');
  expect(line(null)).toContain('git 1a2b3c4 (+1 changed file)');
});
