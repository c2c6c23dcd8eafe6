import { idMark } from '../../views/badge';
import { chart } from '../../views/chart';
import { copying } from '../../views/copying';
import { draw } from '../../views/draw';
import { untranslated } from '../../views/words';
import { settled } from '../widgets/fakes';

/** What jsdom has not: a page's clipboard, which takes a text or refuses it. */
function clipboard(take: ((text: string) => Promise<void>) | null): void {
  Object.defineProperty(navigator, 'clipboard', {
    configurable: true,
    value: take ? { writeText: take } : undefined
  });
}

const here = (): HTMLElement => document.body.appendChild(document.createElement('div'));
const button = (place: HTMLElement, word: string): HTMLButtonElement | undefined =>
  [...place.querySelectorAll('button')].find(found => found.textContent === word);

afterEach(() => {
  clipboard(null);
  document.body.replaceChildren();
});

test('what is seen of a picture is copied as lines separated by tabs, and that is said', async () => {
  const texts: string[] = [];
  clipboard(text => {
    texts.push(text);
    return Promise.resolve();
  });
  const place = here();
  const points = [3, 2, 1, 0].map((value, step) => ({ step, value }));
  draw(place, chart([{ name: 'loss', points }], { trans: untranslated }));
  button(place, 'Copy the data')?.click();
  await settled();
  expect(texts).toEqual(['name\tstep\tvalue\nloss\t0\t3\nloss\t1\t2\nloss\t2\t1\nloss\t3\t0']);
  expect(place.querySelector('.jmlops-copying')?.textContent).toContain('copied 4 lines');

  const svg = place.querySelector('.jmlops-picture');
  svg?.dispatchEvent(new KeyboardEvent('keydown', { key: '+' }));
  button(place, 'Copy the data')?.click();
  await settled();
  expect(texts[1]).toBe('name\tstep\tvalue\nloss\t1\t2\nloss\t2\t1');
});

test.each([
  ['there is no clipboard', null],
  ['it may not be used', () => Promise.reject(new Error('not allowed'))]
])('where %s the text stands there, chosen, until it is put away', async (_, take) => {
  clipboard(take);
  const place = here();
  draw(
    place,
    copying(() => 'name\n<b>', untranslated)
  );
  button(place, 'Copy the data')?.click();
  await settled();
  const field = place.querySelector('textarea');
  expect(field?.value).toBe('name\n<b>');
  expect(document.activeElement).toBe(field);
  expect([field?.selectionStart, field?.selectionEnd]).toEqual([0, 8]);
  expect(place.textContent).toContain('press Ctrl+C');

  field?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  expect(place.querySelector('textarea')).toBeNull();
  expect(document.activeElement).toBe(button(place, 'Copy the data'));
});

test('a short id is copied as the whole, and where a page has no clipboard the whole stands there to be copied', async () => {
  const texts: string[] = [];
  const whole = '01k9a0000000000000000a3f91';
  const place = here();
  draw(place, idMark(whole, untranslated));
  clipboard(text => {
    texts.push(text);
    return Promise.resolve();
  });
  button(place, '0a3f91')?.click();
  await settled();
  expect(texts).toEqual([whole]);
  expect(place.querySelector('[aria-live]')?.textContent).toBe('copied');
  expect(place.querySelector('textarea')).toBeNull();

  clipboard(null);
  button(place, '0a3f91')?.click();
  await settled();
  expect(place.querySelector('textarea')?.value).toBe(whole);
  expect(document.activeElement).toBe(place.querySelector('textarea'));
  button(place, 'Close')?.click();
  expect(place.querySelector('textarea')).toBeNull();
});
