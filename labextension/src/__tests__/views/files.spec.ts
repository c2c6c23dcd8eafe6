import { draw } from '../../views/draw';
import { fold } from '../../views/facts';
import { bringPictures, fileList, type Look } from '../../views/files';
import { untranslated as trans } from '../../views/words';
import type { Artifact, ArtifactContent } from '../../wire';
import { settled } from '../widgets/fakes';

const file = (name: string, kind: string, digest = name): Artifact => ({
  run: 'r1',
  name,
  digest: digest.padEnd(64, '0'),
  size: 2048,
  media_type: kind
});
const PNG = file('figures/a.png', 'image/png');
const TEXT = file('outputs/stdout.txt', 'text/plain');
const content = (artifact: Artifact, more: Partial<ArtifactContent>): ArtifactContent => ({
  artifact,
  text: null,
  picture: null,
  note: '',
  ...more
});

let asked: string[];
let place: HTMLElement;

beforeEach(() => {
  asked = [];
  place = document.body.appendChild(document.createElement('div'));
});

afterEach(() => {
  place.remove();
});

const look: Look = (_run, name) => {
  asked.push(name);
  return name.endsWith('.png')
    ? Promise.resolve(content(PNG, { picture: 'iVBORw0' }))
    : name.endsWith('.txt')
      ? Promise.resolve(content(TEXT, { text: '<b>printed</b>', note: 'only the first bytes are shown' }))
      : Promise.reject(new Error('there is no such file'));
};

const shown = (files: readonly Artifact[], bring: Look = look): HTMLElement => {
  draw(place, fileList(files, bring, trans));
  return place;
};
const button = (name: string): HTMLButtonElement => {
  const found = [...place.querySelectorAll('button')].find(one => one.getAttribute('aria-label') === name);
  if (!found) {
    throw new Error(name);
  }
  return found;
};

test('a file is looked at in one press, and closed in another', async () => {
  shown([PNG, TEXT]);
  expect(place.querySelector('img')).toBeNull();
  button('Look at figures/a.png').click();
  expect(place.textContent).toContain('Loading…');
  await settled();
  expect(place.querySelector('img')?.getAttribute('src')).toBe('data:image/png;base64,iVBORw0');
  expect(place.querySelector('img')?.getAttribute('alt')).toBe('figures/a.png');
  expect(asked).toEqual(['figures/a.png']);
  button('Close figures/a.png').click();
  expect(place.querySelector('img')).toBeNull();
});

test('a text is read as text, whatever stands in it', async () => {
  shown([TEXT]);
  button('Look at outputs/stdout.txt').click();
  await settled();
  expect(place.querySelector('pre')?.textContent).toBe('<b>printed</b>');
  expect(place.querySelector('pre b')).toBeNull();
  expect(place.textContent).toContain('only the first bytes are shown');
});

test('a file that cannot be brought says why, and can be asked for again', async () => {
  const errors = [new Error('there is no such file'), new Error('')];
  shown([file('gone.bin', 'application/octet-stream')], (_run, name) => {
    asked.push(name);
    return Promise.reject(errors.shift() ?? new Error('what else'));
  });
  button('Look at gone.bin').click();
  await settled();
  expect(place.textContent).toContain('It could not be loaded: there is no such file');
  expect(button('Try again: gone.bin').textContent).toBe('Try again');
  button('Try again: gone.bin').click();
  expect(place.textContent).toContain('Loading…');
  await settled();
  expect(place.textContent).toContain('It could not be loaded: no reason was given');
  expect(asked).toEqual(['gone.bin', 'gone.bin']);
});

test('a file that is closed while it is waited for stays closed', async () => {
  shown([PNG]);
  button('Look at figures/a.png').click();
  button('Close figures/a.png').click();
  await settled();
  expect(place.querySelector('img')).toBeNull();
  expect(button('Look at figures/a.png')).toBeDefined();
});

test('of two questions for a file only the later one is answered', async () => {
  const answers: ((found: ArtifactContent) => void)[] = [];
  shown([TEXT], () => new Promise(resolve => answers.push(resolve)));
  button('Look at outputs/stdout.txt').click();
  button('Close outputs/stdout.txt').click();
  button('Look at outputs/stdout.txt').click();
  answers[0]?.(content(TEXT, { text: 'old' }));
  await settled();
  expect(place.querySelector('pre')).toBeNull();
  answers[1]?.(content(TEXT, { text: 'new' }));
  await settled();
  expect(place.querySelector('pre')?.textContent).toBe('new');
});

test.each([
  ['text/html', { text: '<b>bold</b>', note: '' }, 'HTML, shown as its source'],
  ['text/html', { text: '<b>', note: 'only the first' }, 'HTML, shown as its source; only the first'],
  ['image/svg+xml', { text: '<svg/>', note: '' }, 'SVG, shown as its source'],
  ['text/html', { text: null, note: 'not a text' }, 'not a text'],
  ['text/plain', { text: 'plain', note: '' }, undefined]
])('of %s with %j it is said whether it is its source', async (kind, more, said) => {
  const one = file('one', kind);
  shown([one], () => Promise.resolve(content(one, more)));
  button('Look at one').click();
  await settled();
  expect(place.querySelector('pre ~ p, .jmlops-row + p')?.textContent).toBe(said);
});

test('how the list stands is told in one place, whatever is loaded', async () => {
  shown([PNG, TEXT, file('gone.bin', 'application/octet-stream')]);
  const status = place.querySelector('[role=status]');
  for (const name of ['figures/a.png', 'outputs/stdout.txt', 'gone.bin']) {
    button(`Look at ${name}`).click();
  }
  expect(status?.textContent).toBe('Loading 3 files…');
  expect(place.querySelectorAll('[role=status]')).toHaveLength(1);
  await settled();
  expect(status?.textContent).toBe('1 file could not be loaded');
  expect(place.querySelectorAll('[role=status]')).toHaveLength(1);
});

test('only what is a picture is drawn as one', async () => {
  const page = file('page.html', 'text/html');
  shown([page], () => Promise.resolve(content(page, { picture: 'PGI+' })));
  button('Look at page.html').click();
  await settled();
  expect(place.querySelector('img')).toBeNull();
});

test('what was looked at stays through the next drawing; a file logged anew is another one', async () => {
  shown([PNG]);
  button('Look at figures/a.png').click();
  await settled();
  shown([PNG, TEXT]);
  expect(place.querySelector('img')).not.toBeNull();
  shown([file('figures/a.png', 'image/png', 'other')]);
  expect(place.querySelector('img')).toBeNull();
});

/** A list in a fold, as a run's card has it; what is given back opens it, or opens it again. */
function folded(files: readonly Artifact[], bring: Look): () => void {
  draw(
    place,
    fold('outputs', 'figures', fileList(files, bring, trans), within => {
      bringPictures(within, files, bring);
    })
  );
  const details = place.querySelector('details');
  return () => {
    if (details?.open) {
      details.dispatchEvent(new Event('toggle'));
    } else {
      details?.setAttribute('open', ''); // which tells the list by itself
    }
  };
}

const figures = (count: number): readonly Artifact[] =>
  Array.from({ length: count }, (_, n) => file(`figures/${n}.png`, 'image/png'));

test('pictures come by themselves when the list opens, once, and no more and no larger than a page takes', async () => {
  const many = figures(20);
  const large = { ...file('figures/large.png', 'image/png'), size: 1_000_001 };
  const open = folded([TEXT, large, ...many], look);
  expect(asked).toEqual([]);
  open();
  open();
  await settled();
  expect(asked).toEqual(many.slice(0, 12).map(({ name }) => name));
  expect(place.querySelectorAll('img')).toHaveLength(12);
});

test('no more than three pictures are asked for at a time, and not what was closed meanwhile', async () => {
  const answers: (() => void)[] = [];
  const open = folded(
    figures(6),
    (_run, name) =>
      new Promise((resolve, reject) => {
        asked.push(name);
        answers.push(() => {
          if (name === 'figures/0.png') {
            reject(new Error('gone'));
          } else {
            resolve(content(PNG, { picture: 'iVBORw0' }));
          }
        });
      })
  );
  open();
  open();
  await settled();
  expect(asked).toEqual(['figures/0.png', 'figures/1.png', 'figures/2.png']);
  expect(place.querySelector('[role=status]')?.textContent).toBe('Loading 6 files…');
  button('Close figures/3.png').click();
  answers[0]?.();
  await settled();
  expect(asked.slice(3)).toEqual(['figures/4.png']);
  answers[1]?.();
  answers[2]?.();
  await settled();
  expect(asked.slice(4)).toEqual(['figures/5.png']);
});

test('what could not be had is asked for again when the list is opened again, and nothing else is', async () => {
  let away = true;
  const open = folded(figures(2), (run, name) => {
    const found = look(run, name);
    return away && name === 'figures/1.png' ? Promise.reject(new Error('away')) : found;
  });
  open();
  await settled();
  expect(place.textContent).toContain('It could not be loaded: away');
  away = false;
  open();
  await settled();
  expect(asked).toEqual(['figures/0.png', 'figures/1.png', 'figures/1.png']);
  expect(place.querySelectorAll('img')).toHaveLength(2);
});

test('where nobody can bring a file it is named, with its size, kind and digest', () => {
  draw(place, fileList([PNG], undefined, trans));
  expect(place.textContent).toContain('figures/a.png');
  expect(place.textContent).toContain('2.0 kB · image/png');
  expect(place.querySelector('[aria-expanded]')).toBeNull();
});
