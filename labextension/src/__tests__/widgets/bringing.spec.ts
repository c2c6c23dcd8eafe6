import { bringing, filing, PATIENCE } from '../../widgets/host';
import run from '../../widgets/run';
import { run as record } from '../samples';
import { FakeModel, settled } from './fakes';

const stretch = { after: 3, before: 9, most: 400 };
const numbers = (model: FakeModel): readonly number[] =>
  model.sent.map(message => (message as { number: number }).number);

test('the kernel answers each question for points by its number, in whatever order', async () => {
  const model = new FakeModel({});
  const bring = bringing(model);
  const [first, second] = [bring('r1', 'loss', stretch), bring('r1', 'mae', stretch)];
  expect(model.sent[0]).toMatchObject({ action: 'points', run: 'r1', key: 'loss', ...stretch });
  const [a, b] = numbers(model);
  const points = [{ step: 4, value: 1, sequence: 4 }];
  model.trigger('msg:custom', { answer: b, points });
  model.trigger('msg:custom', { something: 'else' });
  model.trigger('msg:custom', { answer: a, error: 'no run ends so' });
  await expect(second).resolves.toEqual(points);
  await expect(first).rejects.toThrow('no run ends so');
});

test('a kernel that does not answer is given up, and so is one that is gone', async () => {
  jest.useFakeTimers();
  const model = new FakeModel({});
  const on = jest.spyOn(model, 'on');
  const off = jest.spyOn(model, 'off');
  const asked = bringing(model)('r1', 'loss', stretch);
  jest.advanceTimersByTime(PATIENCE);
  jest.useRealTimers();
  await expect(asked).rejects.toThrow('No kernel has answered');
  model.send = () => {
    throw new Error('the comm is closed');
  };
  await expect(bringing(model)('r1', 'loss', stretch)).rejects.toThrow('the comm is closed');
  expect(off.mock.calls).toEqual(on.mock.calls);
});

test('a card in an output looks closely at a long curve with points from its kernel', async () => {
  const points = Array.from({ length: 400 }, (_, step) => ({ step, value: step, sequence: step * 10 + 1 }));
  const model = new FakeModel({ record: record(), curves: [{ name: 'loss', points }], artifacts: [] });
  const place = document.body.appendChild(document.createElement('div'));
  run.render({ model, el: place });
  const svg = place.querySelector('.jmlops-picture');
  svg?.dispatchEvent(new KeyboardEvent('keydown', { key: '+' }));
  expect(model.sent[0]).toMatchObject({ action: 'points', run: record().id, key: 'loss' });
  const fine = Array.from({ length: 200 }, (_, n) => ({ step: 150, value: 150, sequence: 1500 + n }));
  model.trigger('msg:custom', { answer: numbers(model)[0], points: fine });
  await settled();
  expect(svg?.getAttribute('aria-label')).toContain('over 380 points');
});

test('a card in an output looks at a file of its run through its kernel', async () => {
  const artifact = {
    run: record().id,
    name: 'outputs/stdout.txt',
    digest: '0'.repeat(64),
    size: 10,
    media_type: 'text/plain'
  };
  const model = new FakeModel({ record: record(), curves: [], artifacts: [artifact] });
  const place = document.body.appendChild(document.createElement('div'));
  run.render({ model, el: place });
  place.querySelector<HTMLButtonElement>('[aria-label="Look at outputs/stdout.txt"]')?.click();
  expect(model.sent[0]).toMatchObject({ action: 'look', name: artifact.name });
  const content = { artifact, text: 'printed', picture: null, note: '' };
  model.trigger('msg:custom', { answer: numbers(model)[0], content });
  await settled();
  expect(place.querySelector('.jmlops-file pre')?.textContent).toBe('printed');
});

test('the experiments are asked of the kernel, and an answer that holds none is refused', async () => {
  const model = new FakeModel({});
  const file = filing(model);
  const [first, second, third] = [file(), file(), file()];
  expect(model.sent[0]).toMatchObject({ action: 'experiments' });
  const [a, b, c] = numbers(model);
  const experiments = [{ name: 'air', runs: 1, below: 1, newest: null }];
  model.trigger('msg:custom', { answer: b, error: 'the store is away' });
  model.trigger('msg:custom', { answer: c, experiments: 'none' });
  model.trigger('msg:custom', { answer: a, experiments });
  await expect(first).resolves.toEqual(experiments);
  await expect(second).rejects.toThrow('the store is away');
  await expect(third).rejects.toThrow();
});
