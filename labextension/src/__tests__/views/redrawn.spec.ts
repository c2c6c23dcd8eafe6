import { chosenBar } from '../../views/chosen';
import { draw } from '../../views/draw';
import { drawRun } from '../../views/run';
import { untranslated } from '../../views/words';
import { NOW, run } from '../samples';

const setting = { trans: untranslated, now: () => NOW };
const place = (): HTMLElement => document.body.appendChild(document.createElement('div'));

test('a card with more than four curves holds each once, however often it is drawn', () => {
  const here = place();
  const curves = [0, 1, 2, 3, 4, 5].map(n => ({
    name: `c${n}`,
    points: [0, 1].map(step => ({ step, value: step * n }))
  }));
  const heads: string[][] = [];
  for (let times = 0; times < 4; times += 1) {
    drawRun(here, { run: run(), curves }, setting);
    expect(here.querySelectorAll('.jmlops-chart')).toHaveLength(6);
    expect(here.querySelectorAll('.jmlops-fold')).toHaveLength(4);
    heads.push([...(here.firstElementChild?.children ?? [])].map(child => child.className));
  }
  expect(new Set(heads.map(each => each.join('|'))).size).toBe(1);
});

test('a fold that has more to say than before opens in the place of the line it was', () => {
  const here = place();
  const seeds = (count: number) =>
    run({ source: { ...run().source, seeds: Array.from({ length: count }, (_, n) => `seed(${n})`) } });
  for (const count of [1, 7, 2, 8, 8]) {
    drawRun(here, { run: seeds(count) }, setting);
    const found = [...here.querySelectorAll('.jmlops-fold')].filter(fold =>
      fold.textContent.startsWith('seeds')
    );
    expect(found.map(fold => fold.localName)).toEqual([count > 6 ? 'details' : 'p']);
  }
});

test('the button that puts a run away is the one that brings it back, and keeps the focus', () => {
  const here = place();
  const asked: boolean[] = [];
  const view = (archived: boolean): void => {
    drawRun(here, { run: run({ archived }) }, { ...setting, archive: archive => asked.push(archive) });
  };
  const button = (): HTMLButtonElement | undefined =>
    [...here.querySelectorAll('button')].find(found => /^(Archive|Bring back)$/.test(found.textContent));
  view(false);
  const before = button();
  before?.focus();
  before?.click();
  view(true);
  expect([button(), document.activeElement, before?.textContent]).toEqual([before, before, 'Bring back']);
  before?.click();
  expect(asked).toEqual([true, false]);
});

test('a question that is answered gives the focus back to what asked it, also when the run has another name', () => {
  const here = place();
  const view = (name: string): void => {
    drawRun(here, { run: run({ name }) }, { ...setting, rename: view });
  };
  view('baseline');
  const field = here.querySelector<HTMLInputElement>('form input');
  const fold = field?.closest('details');
  fold?.setAttribute('open', '');
  field?.focus();
  if (field) {
    field.value = 'deeper';
  }
  field?.form?.dispatchEvent(new Event('submit', { cancelable: true }));
  expect(here.querySelector('h3')?.textContent).toBe('deeper');
  expect([fold?.open, fold?.isConnected]).toEqual([false, true]);
  expect(document.activeElement).toBe(fold?.querySelector('summary'));
});

test('the focus stays on the button it is on when another beside it goes away', () => {
  const here = place();
  const done: string[] = [];
  const view = (count: number): void => {
    const callbacks = {
      compare: () => done.push('compare'),
      archive: () => done.push('archive'),
      clear: () => done.push('clear')
    };
    draw(here, chosenBar({ count, archived: false }, callbacks, untranslated));
  };
  view(2);
  [...here.querySelectorAll('button')].find(button => button.textContent === 'Archive')?.focus();
  view(1);
  expect(document.activeElement?.textContent).toBe('Archive');
  (document.activeElement as HTMLElement | null)?.click();
  expect(done).toEqual(['archive']);
});
