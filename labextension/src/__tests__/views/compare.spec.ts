import { axesOf, part, within } from '../../views/axes';
import { codeChange } from '../../views/code';
import { drawComparison } from '../../views/compare';
import { draw } from '../../views/draw';
import { untranslated } from '../../views/words';
import type { Run, RunComparison } from '../../wire';
import { NOW, run } from '../samples';

const setting = { trans: untranslated, now: () => NOW };
const named = (name: string): Run => run({ id: name.padStart(26, '0'), name });

function comparison(names: readonly string[], more: Partial<RunComparison> = {}): RunComparison {
  return {
    runs: names.map(named),
    headline: 'b is better by 1.1 mae; it differs in alpha.',
    metrics: [
      {
        name: 'mae',
        values: names.map((_, place) => 42 - place),
        direction: 'lower',
        best: names.length - 1,
        difference: names.length === 2 ? -1 : null
      }
    ],
    params: [
      { name: 'alpha', values: names.map((_, place) => place / 10) },
      { name: 'model', values: names.map((_, place) => (place % 2 ? 'ridge' : 'forest')) }
    ],
    data: [],
    environment: [],
    code: [],
    ...more
  };
}

function drawn(record: RunComparison): HTMLElement {
  const here = document.body.appendChild(document.createElement('div'));
  drawComparison(here, { comparison: record }, setting);
  return here;
}

const MANY = ['a', 'b', 'c', 'd', 'e', 'f'];
const rows = (here: HTMLElement): number => here.querySelectorAll('tbody tr').length;

test('two runs: the sentence first, then only what differs, with sign and direction', () => {
  const here = drawn(comparison(['a', 'b']));
  const parts = [...here.querySelectorAll('h4')].map(title => title.textContent);
  expect(here.querySelector('article')?.firstElementChild?.textContent).toContain('b is better');
  expect(parts).toEqual(['Metrics', 'Parameters']);
  const mae = [...here.querySelectorAll('tbody tr')].find(line => line.textContent?.startsWith('mae'));
  expect(mae?.textContent).toContain('−1 ▲ better');
});

test('a pure re-run shows nothing but timing', () => {
  const again = comparison(['a', 'b'], {
    metrics: [],
    params: [],
    headline: 'it differs in nothing but time.'
  });
  const here = drawn(again);
  const facts = [...here.querySelectorAll('tbody th')].map(title => title.textContent);
  expect(facts).toEqual(['run', 'started', 'took', 'grade']);
  expect(here.querySelectorAll('details, figure')).toHaveLength(0);
});

test('a moved cell is a move: a sign and a word, and no lines to read', () => {
  const here = document.createElement('div');
  draw(here, codeChange({ cell: 'c4', kind: 'moved', diff: '', label: 'cell 4' }, untranslated));
  expect(here.textContent).toBe('↕ cell 4 moved');
  expect(here.querySelector('pre')).toBeNull();
});

test('axes are what differs, words in a row, with what is no number left out', () => {
  const axes = axesOf(
    comparison(MANY, {
      metrics: [
        { name: 'mae', values: [1, 2, 'nan', 4, null, 6], direction: 'lower', best: 0, difference: null },
        { name: 'r2', values: MANY.map(() => 0.9), direction: 'higher', best: null, difference: null }
      ]
    })
  );
  expect(axes.map(axis => axis.name)).toEqual(['alpha', 'model', 'mae']);
  expect(axes[2]?.values).toEqual([1, 2, null, 4, null, 6]);
  expect(axes[1]?.say(1)).toBe('ridge');
  expect(axes[2] && part(axes[2], 3.5)).toBe(0.5);
  const range = new Map([['mae', [2, 6] as const]]);
  expect(MANY.map((_, place) => within(axes, range, place))).toEqual([false, true, false, true, false, true]);
});

test('more than four runs are lines, points and rows', () => {
  const here = drawn(comparison(MANY));
  expect(here.querySelectorAll('.jmlops-strand')).toHaveLength(6);
  expect(here.querySelectorAll('.jmlops-point')).toHaveLength(6);
  expect(rows(here)).toBe(6);
  expect(here.querySelector('.jmlops-strand-best title')?.textContent).toBe('f');
  expect(drawn(comparison(['a', 'b', 'c', 'd'])).querySelector('.jmlops-strand')).toBeNull();
});

test('a range that is typed leaves the runs within it, also in the next drawing, and can be taken back', () => {
  const record = comparison(MANY);
  const here = drawn(record);
  const type = (label: string, text: string): void => {
    const field = here.querySelector<HTMLInputElement>(`[aria-label="${label}"]`);
    if (field) {
      field.value = text;
      field.dispatchEvent(new Event('change', { bubbles: true }));
    }
  };
  type('mae at most', '39');
  expect(rows(here)).toBe(3);
  expect(here.querySelectorAll('.jmlops-strand-out')).toHaveLength(3);
  expect(here.textContent).toContain('3 of 6 runs');
  drawComparison(here, { comparison: record }, setting);
  expect(rows(here)).toBe(3);
  type('mae at most', '');
  expect(rows(here)).toBe(6);
});

test('what stands over what is picked', () => {
  const here = drawn(comparison(MANY));
  const label = () => here.querySelector('.jmlops-scatter svg')?.getAttribute('aria-label');
  expect(label()).toBe('6 runs, mae over alpha');
  const select = here.querySelector<HTMLSelectElement>('[aria-label="Along the bottom"]');
  if (select) {
    select.value = 'model';
    select.dispatchEvent(new Event('change', { bubbles: true }));
  }
  expect(label()).toBe('6 runs, mae over model');
});

test('pictures stand side by side, and only bytes that came along are shown', () => {
  const here = document.body.appendChild(document.createElement('div'));
  const images = ['data:image/png;base64,AAAA', 'https://elsewhere.invalid/x.png'];
  drawComparison(
    here,
    { comparison: comparison(['a', 'b']), figures: [{ name: 'figures/r.png', images }] },
    setting
  );
  expect([...here.querySelectorAll('img')].map(image => image.src)).toEqual([images[0]]);
  expect(here.querySelector('.jmlops-thumbnails')?.textContent).toBe('a: r.pngnoneb: r.png');
});
