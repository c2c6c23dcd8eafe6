import { draw } from '../../views/draw';
import { foldersFold, queryFor, type Folders } from '../../views/folders';
import { untranslated as trans } from '../../views/words';
import type { Experiment } from '../../wire';
import { settled } from '../widgets/fakes';

const one = (name: string, runs: number, below = runs): Experiment => ({ name, runs, below, newest: null });
const ALL = [one('air', 1, 1204), one('air/no2', 0, 1), one('air/no2/deep', 1), one('water', 3)];

let place: HTMLElement;
let asked: string[];

beforeEach(() => {
  asked = [];
  place = document.body.appendChild(document.createElement('div'));
});

afterEach(() => {
  place.remove();
});

async function opened(
  experiments: Folders['experiments'] = () => Promise.resolve(ALL),
  query = '',
  key = ''
): Promise<void> {
  draw(place, foldersFold({ key, experiments, query, search: text => asked.push(text) }, trans));
  const details = place.querySelector('details');
  details?.removeAttribute('open');
  await settled();
  details?.setAttribute('open', ''); // which tells the list by itself
  await settled();
}

const buttons = (): readonly HTMLButtonElement[] => [...place.querySelectorAll('button')];

test('the folders are listed with how many runs are in them, each set in under its own', async () => {
  await opened();
  expect(buttons().map(button => button.textContent)).toEqual(['air/ 1,204', 'no2/ 1', 'deep 1', 'water 3']);
  expect(buttons().map(button => button.style.paddingInlineStart)).toEqual(['0em', '1.2em', '2.4em', '0em']);
});

test('a % in a name is itself, where like would take it for any text', () => {
  const one = { name: 'air 5%', runs: 1, below: 2, newest: null };
  expect(queryFor(one)).toBe("experiment = 'air 5%' or (experiment >= 'air 5%/' and experiment < 'air 5%0')");
});

test('one that is pressed asks for the runs in it, and pressed again for all', async () => {
  await opened();
  buttons()[0]?.click();
  buttons()[1]?.click();
  buttons()[3]?.click();
  expect(asked).toEqual([
    "experiment = 'air' or experiment like 'air/%'",
    "experiment like 'air/no2/%'",
    "experiment = 'water'"
  ]);
  await opened(undefined, "experiment = 'water'");
  expect(buttons().map(button => button.getAttribute('aria-pressed'))).toEqual([
    'false',
    'false',
    'false',
    'true'
  ]);
  buttons()[3]?.click();
  expect(asked.at(-1)).toBe('');
});

test('a name is asked for whatever stands in it', () => {
  expect(queryFor(one("it's \\ here", 1))).toBe("experiment = 'it\\'s \\\\ here'");
});

test('nothing is asked before the list is opened, and each opening asks anew', async () => {
  let times = 0;
  const experiments = (): Promise<readonly Experiment[]> => {
    times += 1;
    return Promise.resolve(ALL);
  };
  draw(place, foldersFold({ key: '', experiments, query: '', search: () => undefined }, trans));
  expect(times).toBe(0);
  await opened(experiments);
  await opened(experiments);
  expect(times).toBe(2);
});

test('where there are none, or they cannot be read, that is said', async () => {
  await opened(() => Promise.resolve([]));
  expect(place.textContent).toContain('No experiments yet.');
  await opened(() => Promise.reject(new Error('the store is away')));
  expect(place.textContent).toContain('They could not be read: the store is away');
});

test('each says its whole path and what it counts, and that it takes the place of what is asked', async () => {
  await opened(() => Promise.resolve([...ALL, one('', 2)]), "experiment = 'water'");
  expect(buttons().map(button => button.getAttribute('aria-label'))).toEqual([
    'air/: 1,204 runs',
    'air/no2/: 1 run',
    'air/no2/deep: 1 run',
    'water: 3 runs',
    '(no experiment): 2 runs'
  ]);
  expect(buttons().at(-1)?.textContent).toBe('(no experiment) 2');
  expect(buttons()[0]?.title).toBe('Show the runs of air. Replaces the query.');
  expect(buttons()[3]?.title).toBe('Show the runs of all experiments');
  await opened(() => Promise.resolve(ALL));
  expect(buttons()[0]?.title).toBe('Show the runs of air');
});

test('the list of another workspace, or with what is archived, is not the one that was opened', async () => {
  const rain = (): Promise<readonly Experiment[]> => Promise.resolve([one('rain', 1)]);
  await opened(undefined, '', 'air/a.ipynb');
  const fold = foldersFold(
    { key: 'rain/a.ipynb', experiments: rain, query: '', search: () => undefined },
    trans
  );
  draw(place, fold);
  await settled();
  expect(place.querySelector('details')?.open).toBe(false);
  expect(buttons()).toEqual([]);
  await opened(rain, '', 'rain/a.ipynb');
  expect(buttons().map(button => button.textContent)).toEqual(['rain 1']);
});

test('an answer to what was asked in another workspace does not come into this one', async () => {
  const answers: ((found: readonly Experiment[]) => void)[] = [];
  await opened(() => new Promise(resolve => answers.push(resolve)), '', 'air/a.ipynb');
  await opened(() => Promise.resolve([one('rain', 1)]), '', 'rain/a.ipynb');
  answers[0]?.(ALL);
  await settled();
  expect(buttons().map(button => button.textContent)).toEqual(['rain 1']);
});

test('an older answer does not overtake a newer one', async () => {
  const answers: ((found: readonly Experiment[]) => void)[] = [];
  const experiments = (): Promise<readonly Experiment[]> => new Promise(resolve => answers.push(resolve));
  await opened(experiments);
  await opened(experiments);
  answers[1]?.([one('new', 1)]);
  await settled();
  answers[0]?.([one('old', 1)]);
  await settled();
  expect(buttons().map(button => button.textContent)).toEqual(['new 1']);
});
