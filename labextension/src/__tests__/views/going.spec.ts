/** The head of a run's card while the run goes on. */
import { drawRun, type RunRecord } from '../../views/run';
import { untranslated } from '../../views/words';
import { beside, NOW, run } from '../samples';

function shown(record: Partial<RunRecord>): HTMLElement {
  const here = document.createElement('div');
  drawRun(here, { run: run(), ...record }, { trans: untranslated, now: () => NOW });
  return here;
}

test.each([
  [200, '3 min 0 s so far, ~ 20.0 s left · '],
  [180.5, '3 min 0 s so far · '],
  [60, '3 min 0 s so far · ']
])('a run that goes on says what is left where the run before took %d s', (usual, said) => {
  const going = shown({ run: run({ status: 'running', ended: null }), beside: beside({ usual }) });
  expect(going.querySelector('header')?.textContent).toContain(said);
  const over = shown({ run: run({ status: 'finished' }), beside: beside({ usual: 10_000 }) });
  expect(over.querySelector('header')?.textContent).not.toContain('left');
});

test('a run that goes on says how long it has so far', () => {
  const going = shown({ run: run({ status: 'running', ended: null }) });
  expect(going.querySelector('header')?.textContent).toContain('3 min 0 s so far');
  expect(going.querySelector('header')?.textContent).not.toContain('left');
  expect(going.querySelector('.jmlops-pulse')).not.toBeNull();
});
