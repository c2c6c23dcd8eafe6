import { drawRun, type RunCallbacks, type RunRecord } from '../../views/run';
import { untranslated } from '../../views/words';
import { beside, NOW, run } from '../samples';

const setting = { trans: untranslated, now: () => NOW };

function shown(record: Partial<RunRecord>, callbacks: Partial<RunCallbacks> = {}): HTMLElement {
  const here = document.body.appendChild(document.createElement('div'));
  drawRun(here, { run: run(), ...record }, { ...setting, ...callbacks });
  return here;
}

const lines = (here: HTMLElement): readonly string[] =>
  [...here.querySelectorAll('.jmlops-fold > summary, p.jmlops-fold')].map(line => line.textContent);

afterEach(() => {
  document.body.replaceChildren();
});

test('what came of it when it was run again is told with the run that holds it', () => {
  const opened: string[] = [];
  const reproduced = {
    verdict: 'within_tolerance',
    run: 'xxxxxxxxxxxxxxxxxxxxd3f1aa',
    at: '2026-01-31T12:00:00+00:00',
    cause: '',
    tolerance: 0.05
  } as const;
  const told = beside({ reproduced });
  expect(lines(shown({ beside: told }))).toContain('run again ✓ within tolerance in d3f1aa');
  const other = beside({
    reproduced: { ...reproduced, verdict: 'differs', cause: 'the data differ: <b>X</b>' }
  });
  expect(lines(shown({ beside: other }))).toContain(
    'run again ✕ differs in d3f1aa: the data differ: <b>X</b>'
  );
  const alone = beside({ reproduced: { ...reproduced, verdict: 'does_not_run', run: null } });
  expect(lines(shown({ beside: alone }))).toContain('run again ✕ does not run');
  const here = shown({ beside: told }, { openRun: id => opened.push(id) });
  here.querySelector<HTMLButtonElement>('.jmlops-fold button')?.click();
  expect(opened).toEqual(['xxxxxxxxxxxxxxxxxxxxd3f1aa']);
});
