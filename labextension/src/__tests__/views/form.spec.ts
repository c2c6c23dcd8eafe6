import { drawForm, readForm, readValue, typedDefault } from '../../views/form';
import { untranslated } from '../../views/words';
import { parameter } from '../samples';

const read = (type: string, text: string, more = {}) =>
  readValue(parameter('p', type, more), text, untranslated);

test.each([
  ['int', '12', 12],
  ['int', '-1_000', -1000],
  ['float', '0.3', 0.3],
  ['float', '1e-4', 1e-4],
  ['float', '.5', 0.5],
  ['float', '-inf', '-inf'],
  ['bool', 'True', true],
  ['str', ' as it is ', ' as it is '],
  ['list', '[1, 2]', [1, 2]],
  ['dict', '{"a": 1}', { a: 1 }],
  ['date', '2026-01-31', '2026-01-31'],
  ['datetime', '2026-01-31T12:00', '2026-01-31T12:00'],
  ['any', '3', 3],
  ['any', 'three', 'three'],
  ['path', 'data/a.csv', 'data/a.csv']
])('as %s, %p is %p', (type, text, value) => {
  expect(read(type, text)).toEqual({ value });
});

test.each([
  ['int', '5.5'],
  ['int', '1e3'],
  ['int', '12345678901234567890'],
  ['float', '1,5'],
  ['float', 'much'],
  ['bool', 'yes'],
  ['list', '{"a": 1}'],
  ['dict', '[1]'],
  ['date', '2026-02-30'],
  ['date', 'tomorrow'],
  ['datetime', '2026-13-01T00:00']
])('as %s, %p breaks a rule', (type, text) => {
  expect(read(type, text)).toHaveProperty('error');
});

test('a choice is one of the choices, in its own type', () => {
  expect(read('int', '2', { choices: [1, 2] })).toEqual({ value: 2 });
  expect(read('int', '3', { choices: [1, 2] })).toEqual({ error: 'one of 1, 2' });
});

test('only what differs from the notebook is sent, and what is required must be there', () => {
  const all = [
    parameter('alpha', 'float', { default: 0.3 }),
    parameter('n', 'int', { default: 5 }),
    parameter('who', 'int', { required: true })
  ];
  expect(readForm(all, { alpha: '0.3', n: '6' }, untranslated)).toEqual({
    values: { n: 6 },
    errors: { who: 'who needs a value' }
  });
});

test('a default is shown as a person would type it', () => {
  expect(
    [true, 0.3, 'x', [1, 2], null].map(value => typedDefault(parameter('p', 'any', { default: value })))
  ).toEqual(['true', '0.3', 'x', '[1,2]', '']);
});

test('a wrong value is marked with its rule and the job cannot start', () => {
  const place = document.body.appendChild(document.createElement('div'));
  const nothing = (): void => undefined;
  drawForm(
    place,
    {
      notebook: 'train.ipynb',
      parameters: [parameter('n', 'int', { default: 5, help: 'how many' })],
      typed: { n: '5.5' },
      experiment: '',
      register: ''
    },
    {
      trans: untranslated,
      type: nothing,
      experiment: nothing,
      register: nothing,
      start: nothing,
      close: nothing
    }
  );
  const field = place.querySelector('[name=parameter-n]');
  expect(field?.getAttribute('aria-invalid')).toBe('true');
  const rule = document.getElementById(field?.getAttribute('aria-describedby') ?? '');
  expect(rule?.textContent).toContain('whole number');
  expect(place.querySelector<HTMLButtonElement>('[type=submit]')?.disabled).toBe(true);
});

test.each(['int', 'float', 'bool', 'list', 'dict', 'date', 'path'])(
  'a %s that is cleared breaks a rule, unless it may be nothing',
  type => {
    const error = { error: 'p needs a value' };
    expect(read(type, ' ', { default: 5 })).toEqual(error);
    expect(read(type, '', { required: true })).toEqual(error);
    expect(read(type, '', { default: 5, nullable: true })).toEqual({ value: null });
  }
);

test('what may be anything may be nothing, where there is a value without it', () => {
  expect(read('any', '', { default: 5 })).toEqual({ value: null });
  expect(read('any', '', { required: true })).toHaveProperty('error');
  expect(read('str', '', { choices: ['a'], nullable: true })).toEqual({ value: null });
});

test('a text that must be given is asked for, and may be an empty one', () => {
  const all = [parameter('who', 'str', { required: true }), parameter('note', 'str', { default: 'x' })];
  expect(readForm(all, {}, untranslated)).toEqual({ values: {}, errors: { who: 'who needs a value' } });
  expect(readForm(all, { who: '', note: '' }, untranslated)).toEqual({
    values: { who: '', note: '' },
    errors: {}
  });
});

test('two forms of one notebook each point to their own rules, also when they are drawn again', () => {
  const nothing = (): void => undefined;
  const [callback, one, two] = [
    { type: nothing, experiment: nothing, register: nothing, start: nothing, close: nothing },
    ...[1, 2].map(() => document.body.appendChild(document.createElement('div')))
  ];
  for (const place of [one, two, one]) {
    drawForm(
      place,
      {
        notebook: 'a.ipynb',
        parameters: [parameter('n', 'int', { default: 5, help: 'how many' })],
        typed: {},
        experiment: '',
        register: ''
      },
      { trans: untranslated, ...(callback as Record<keyof typeof callback, typeof nothing>) }
    );
  }
  for (const place of [one, two] as HTMLElement[]) {
    const field = place.querySelector('[name=parameter-n]');
    const rule = document.getElementById(field?.getAttribute('aria-describedby') ?? '');
    expect(rule?.textContent).toBe('how many');
    expect(place.contains(rule)).toBe(true);
  }
});
