import { chart } from '../../views/chart';
import { draw } from '../../views/draw';
import { clipped } from '../../views/picture';
import type { Point, Series, Stretch } from '../../views/points';
import { untranslated } from '../../views/words';
import type { Between } from '../../views/zoom';
import { settled } from '../widgets/fakes';

const series = (name: string, values: readonly number[], every = 1): Series => ({
  name,
  points: values.map((value, place) => ({ step: place * every, value, sequence: place * every + 1 }))
});
const ten = series('loss', [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
/** As a store gives a curve of 200,000 points: 400 of them. */
const long = series(
  'loss',
  Array.from({ length: 400 }, (_, place) => place % 2),
  500
);

interface Shown {
  readonly here: HTMLElement;
  readonly svg: SVGElement;
  again(all: readonly Series[]): void;
}

function shown(all: readonly Series[], between?: Between): Shown {
  const here = document.body.appendChild(document.createElement('div'));
  const again = (some: readonly Series[]): void => {
    draw(here, chart(some, { trans: untranslated, between }));
  };
  again(all);
  const svg = here.querySelector<SVGElement>('.jmlops-picture');
  if (!svg) {
    throw new Error('no picture');
  }
  // As large as it is drawn: a pixel a unit.
  svg.getBoundingClientRect = () => new DOMRect(0, 0, 500, 150);
  return { here, svg, again };
}

const press = (svg: Element, key: string, more: KeyboardEventInit = {}): boolean =>
  svg.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
const point = (svg: Element, kind: string, clientX: number): void => {
  svg.dispatchEvent(new MouseEvent(kind, { clientX, bubbles: true, button: 0 }));
};
const drag = (svg: Element, from: number, to: number): void => {
  point(svg, 'pointerdown', from);
  point(svg, 'pointermove', to);
  point(svg, 'pointerup', to);
};
const button = (here: HTMLElement, word: string): HTMLButtonElement | undefined =>
  [...here.querySelectorAll('button')].find(found => found.textContent === word);
/** What the bottom axis says: from which step to which. */
const span = (here: HTMLElement): readonly (string | null)[] =>
  [...here.querySelectorAll('.jmlops-tick')].slice(-2).map(tick => tick.textContent);
const reading = (here: HTMLElement): string | undefined | null =>
  here.querySelector('.jmlops-reading')?.textContent;
const [LEFT, RIGHT] = [64, 399]; // the first and the last step, in a small picture of something called loss

afterEach(() => {
  document.body.replaceChildren();
});

test('a stretch that is drawn over is all that is seen, until two clicks or the button show the whole', () => {
  const { here, svg } = shown([ten]);
  expect(span(here)).toEqual(['step 0', '9']);
  const middle = (LEFT + RIGHT) / 2;
  drag(svg, RIGHT, middle); // backwards as well
  expect(span(here)).toEqual(['step 4.5', '9']);
  expect(here.querySelector('.jmlops-tick')?.textContent).toBe('0');
  expect([...here.querySelectorAll('.jmlops-tick')][1]?.textContent).toBe('4.5');
  point(svg, 'dblclick', middle);
  expect(span(here)).toEqual(['step 0', '9']);
  drag(svg, LEFT, middle);
  button(here, 'Show the whole')?.click();
  expect(span(here)).toEqual(['step 0', '9']);
  expect(button(here, 'Show the whole')).toBeUndefined();
});

test('while a stretch is drawn it is marked; a press without a move, or one that is taken back, changes nothing', () => {
  const { here, svg } = shown([ten]);
  point(svg, 'pointerdown', 100);
  point(svg, 'pointermove', 200);
  expect(Number(here.querySelector('.jmlops-range')?.getAttribute('width'))).toBeCloseTo(100);
  expect(press(svg, 'Escape')).toBe(false);
  point(svg, 'pointerup', 200);
  drag(svg, 150, 152);
  expect([span(here), here.querySelector('.jmlops-range')]).toEqual([['step 0', '9'], null]);
});

test('by key it is looked at closer and less close, moved, and seen whole again', () => {
  const { here, svg } = shown([ten]);
  expect(svg.getAttribute('tabindex')).toBe('0');
  press(svg, '+');
  expect(span(here)).toEqual(['step 2.25', '6.75']);
  press(svg, 'ArrowRight', { shiftKey: true });
  expect(span(here)).toEqual(['step 3.375', '7.875']);
  press(svg, 'ArrowRight', { shiftKey: true });
  press(svg, 'ArrowRight', { shiftKey: true });
  expect(span(here)).toEqual(['step 4.5', '9']);
  press(svg, '-');
  expect(span(here)).toEqual(['step 0', '9']);
  for (let times = 0; times < 20; times += 1) {
    press(svg, '+');
  }
  expect(span(here)).toEqual(['step 4', '5']); // one step is the closest
  expect(here.querySelector('.jmlops-line')?.getAttribute('d')).toMatch(/^M64\.0 .*L399\.0 /);
  press(svg, 'Escape');
  expect(span(here)).toEqual(['step 0', '9']);
});

test('keys that are not its own are left to the notebook, and its own are not', () => {
  const { svg } = shown([ten]);
  let heard = 0;
  document.body.addEventListener('keydown', () => (heard += 1));
  expect(press(svg, 'a')).toBe(true);
  expect(press(svg, 's', { ctrlKey: true })).toBe(true);
  expect(press(svg, 'Escape')).toBe(true); // nothing to go back from
  expect(press(svg, '-', { ctrlKey: true })).toBe(true); // the browser's own
  expect(heard).toBe(4);
  expect(press(svg, '+')).toBe(false);
  expect(press(svg, 'ArrowLeft')).toBe(false);
  expect(heard).toBe(4);
});

test('the pointer reads whole values, and nothing around them moves', () => {
  const precise = series('loss', [1 / 3, 2 / 3, 1]);
  const { here, svg } = shown([precise, series('val_loss', [5, 4, 3])]);
  const below = here.querySelector('.jmlops-chart-foot');
  point(svg, 'pointermove', 190);
  expect(reading(here)).toBe('step 1loss 0.6666666666666666val_loss 4');
  expect(here.querySelectorAll('.jmlops-reader circle')).toHaveLength(2);
  expect(here.querySelector('.jmlops-chart-foot')).toBe(below);
  point(svg, 'pointerleave', 0);
  expect(reading(here)).toBeUndefined();
});

test('what a line has only near the place that is read is said with its own step', () => {
  const sparse = {
    name: 'val',
    points: [
      { step: 0, value: 5 },
      { step: 9, value: 4 }
    ]
  };
  const { here, svg } = shown([ten, sparse]);
  point(svg, 'pointermove', LEFT + ((RIGHT - LEFT) / 9) * 7);
  expect(reading(here)).toBe('step 7loss 2val 4 (step 9)');
});

test('the arrows read point by point, say it to a screen reader, and the part that is seen follows', () => {
  const { here, svg } = shown([ten]);
  const spoken = (): string | undefined =>
    [...here.querySelectorAll('[role=status]')].at(-1)?.textContent ?? undefined;
  press(svg, 'ArrowRight');
  press(svg, 'ArrowRight');
  expect([reading(here), spoken()]).toEqual(['step 1loss 8', 'step 1: loss 8']);
  press(svg, '+');
  press(svg, '+');
  expect(span(here)).toEqual(['step 0.75', '3']);
  for (let times = 0; times < 5; times += 1) {
    press(svg, 'ArrowRight');
  }
  expect(reading(here)).toBe('step 6loss 3');
  expect(Number(span(here)[1])).toBeGreaterThan(6);
  press(svg, 'Escape');
  press(svg, 'Escape');
  expect(reading(here)).toBeUndefined();
  press(svg, 'ArrowLeft');
  expect(reading(here)).toBe('step 9loss 0');
});

test('a long curve that is looked at closely shows every point between, and asks no more for what is here', async () => {
  const asked: Stretch[] = [];
  const between: Between = (_, stretch) => {
    asked.push(stretch);
    const every = Math.max(1, Math.ceil((stretch.before - stretch.after - 1) / stretch.most));
    const points: Point[] = [];
    for (let sequence = stretch.after + 1; sequence < stretch.before; sequence += every) {
      points.push({ sequence, step: sequence - 1, value: sequence });
    }
    return Promise.resolve(points);
  };
  const { here, svg, again } = shown([long], between);
  const count = (): number => Number(/over (\d+) points/.exec(svg.getAttribute('aria-label') ?? '')?.[1]);
  drag(svg, 200, 201); // no more than a click
  expect(asked).toEqual([]);
  drag(svg, 200, 208); // of 335 pixels: some five thousand of the 200,000 steps
  expect(here.textContent).toContain('looking for the points between');
  await settled();
  expect(here.textContent).not.toContain('looking for the points between');
  expect(asked).toHaveLength(1);
  expect(count()).toBeGreaterThan(350);
  again([long]); // as when the panel looks again
  expect([asked.length, count() > 350]).toEqual([1, true]);

  for (let times = 0; times < 4; times += 1) {
    press(svg, '+');
    await settled();
  }
  const [low = NaN, high = NaN] = span(here).map(text => Number(text?.replace(/[^\d.]/g, '')));
  expect(high - low).toBeCloseTo(((8 / 335) * 199_500) / 16, -1);
  expect(count()).toBeGreaterThan(high - low - 2); // a point a step
  const before = asked.length;
  press(svg, '+');
  await settled();
  expect(asked).toHaveLength(before);
  expect(asked.every(({ most }) => most >= 400 && most <= 2000)).toBe(true);
});

test('a short curve has nothing between its points to be asked for', async () => {
  const asked: Stretch[] = [];
  const { here, svg } = shown([ten], (_, stretch) => {
    asked.push(stretch);
    return Promise.resolve([]);
  });
  press(svg, '+');
  await settled();
  expect(span(here)).not.toEqual(['step 0', '9']);
  expect(asked).toEqual([]);
});

test('moved on while points are awaited, it asks for those of the part that is seen then', async () => {
  const answers: ((points: readonly Point[]) => void)[] = [];
  const asked: Stretch[] = [];
  const { svg } = shown([long], (_, stretch) => {
    asked.push(stretch);
    return new Promise(resolve => answers.push(resolve));
  });
  press(svg, '+');
  press(svg, '+');
  press(svg, 'ArrowRight', { shiftKey: true });
  expect(asked).toHaveLength(1);
  answers[0]?.(long.points);
  await settled();
  expect(asked).toHaveLength(2);
  expect(asked[1]?.after).toBeGreaterThan(asked[0]?.after ?? Infinity);
});

test('points that cannot be brought leave what is here, and why', async () => {
  const { here, svg } = shown([long], () => Promise.reject(new Error('The server does not answer.')));
  press(svg, '+');
  await settled();
  expect(here.querySelector('.jmlops-chart-foot')?.textContent).toContain('The server does not answer.');
  expect(here.querySelector('.jmlops-line')?.getAttribute('d')).not.toBe('');
});

test('new points come into the part that is seen, and other series are seen whole', () => {
  const { here, svg, again } = shown([ten]);
  drag(svg, LEFT, (LEFT + RIGHT) / 2);
  again([series('loss', [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, -1, -2])]);
  expect(span(here)).toEqual(['step 0', '4.5']);
  again([series('other', [1, 2, 3])]);
  expect(span(here)).toEqual(['step 0', '2']);
});

test('points of a loop that gave no step are drawn side by side in their order', () => {
  const points = [4, 3, 2].map((value, place) => ({ step: 0, value, sequence: place + 5 }));
  const { here, svg } = shown([{ name: 'loss', points }]);
  const across = [...(here.querySelector('.jmlops-line')?.getAttribute('d') ?? '').matchAll(/[ML]([\d.]+)/g)];
  expect(across.map(([, x]) => Number(x))).toEqual([LEFT, (LEFT + RIGHT) / 2, RIGHT]);
  expect(span(here).at(-1)).toBe('in the order they were logged');
  press(svg, 'ArrowRight');
  expect(reading(here)).toBe('# 5loss 4');
});

test('made larger it stays a picture of the same, with letters no larger', () => {
  const { here, svg } = shown([ten]);
  button(here, 'Larger')?.click();
  expect(svg.getAttribute('viewBox')).toBe('0 0 500 340');
  button(here, 'Smaller')?.click();
  expect(svg.getAttribute('viewBox')).toBe('0 0 500 150');
});

test('each line keeps its colour where another has no points, and its name at its end', () => {
  const { here } = shown([series('a', [1, 2]), { name: 'b', points: [] }, series('c', [2, 1])]);
  const classes = [...here.querySelectorAll('.jmlops-line')].map(line => line.getAttribute('class'));
  expect(classes).toEqual(['jmlops-line jmlops-series-0', 'jmlops-line jmlops-series-2']);
  const names = [...here.querySelectorAll('g .jmlops-label')].map(label => label.lastChild?.textContent);
  expect(names).toEqual(['a 2', 'c 1']);
});

test('a long name keeps both its ends', () => {
  expect(clipped('hgb-alpha-0.1-depth-8', 12)).toBe('hgb-al…pth-8');
  expect(clipped('short', 12)).toBe('short');
  expect(clipped('x'.repeat(60), 12)).toHaveLength(12);
});

test('its keys are its own: JupyterLab, which sees them first, is told to leave them', () => {
  expect(shown([ten]).svg.getAttribute('data-lm-suppress-shortcuts')).toBe('true');
});
