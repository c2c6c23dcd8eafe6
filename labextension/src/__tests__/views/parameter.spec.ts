import type { Parameter, ParameterType } from '../../wire';
import { limits, readValue, spelled, typedDefault } from '../../views/parameter';
import { untranslated } from '../../views/words';
import { parameter, typed } from '../samples';

const read = (
  type: string | ParameterType,
  text: string,
  more: Partial<Parameter> = {}
): ReturnType<typeof readValue> => readValue(parameter('p', type, more), text, untranslated);

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
  ['any', '12345678901234567890', '12345678901234567890'],
  ['any', '{"a": [12345678901234567890]}', '{"a": [12345678901234567890]}'],
  ['any', '1e999', '1e999'],
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
  expect(read(typed('int', { choices: [1, 2] }), '2')).toEqual({ value: 2 });
  expect(read(typed('int', { choices: [1, 2] }), '3')).toEqual({ error: 'one of 1, 2' });
});

test.each(['int', 'float', 'bool', 'list', 'dict', 'date', 'path'])(
  'a %s that is cleared breaks a rule, unless it may be nothing',
  type => {
    const error = { error: 'p needs a value' };
    expect(read(type, ' ', { default: 5 })).toEqual(error);
    expect(read(type, '', { required: true })).toEqual(error);
    expect(read(typed(type, { nullable: true }), '', { default: 5 })).toEqual({ value: null });
  }
);

test('what may be anything may be nothing, where there is a value without it', () => {
  expect(read('any', '', { default: 5 })).toEqual({ value: null });
  expect(read('any', '', { required: true })).toHaveProperty('error');
  expect(read(typed('str', { choices: ['a'], nullable: true }), '')).toEqual({ value: null });
});

test('a default is shown as a person would type it', () => {
  expect(
    [true, 0.3, 'x', [1, 2], null].map(value => typedDefault(parameter('p', 'any', { default: value })))
  ).toEqual(['true', '0.3', 'x', '[1,2]', '']);
});

const INT = typed('int');
const STR = typed('str');
const DATE = typed('date');

test.each([
  [typed('list', { items: typed('dict', { values: INT }) }), 'list[dict[str, int]]'],
  [typed('tuple', { places: [INT, STR] }), 'tuple[int, str]'],
  [typed('tuple', { items: typed('float') }), 'tuple[float, ...]'],
  [typed('dict', { keys: INT }), 'dict[int, any]'],
  [typed('union', { options: [INT, STR], nullable: true }), 'int | str | None'],
  [typed('any', { nullable: true }), 'any']
])('%# a type is spelled as an annotation', (type, words) => {
  expect(spelled(type)).toBe(words);
});

test('rules are told in words, those of parts with the part', () => {
  const share = typed('float', { minimum: 0, exclusive_maximum: 1 });
  expect(limits(typed('list', { items: share, min_length: 1, max_length: 3 }), untranslated)).toEqual([
    'at least 1 item',
    'at most 3 items',
    'float: at least 0',
    'float: below 1'
  ]);
});

test.each([
  ['list[int]', typed('list', { items: INT }), '[1, 2]', [1, 2]],
  ['list[date]', typed('list', { items: DATE }), '["2026-01-31"]', ['2026-01-31']],
  ['tuple', typed('tuple', { places: [INT, STR] }), '[1, "a"]', [1, 'a']],
  ['dict', typed('dict', { keys: INT, values: STR }), '{"1": "a"}', { '1': 'a' }],
  ['pairs', typed('dict', { keys: typed('tuple', { items: INT }) }), '[[[1, 2], 3]]', [[[1, 2], 3]]],
  ['int | str', typed('union', { options: [STR, INT] }), '5', 5],
  ['int | str', typed('union', { options: [STR, INT] }), 'auto', 'auto'],
  ['date | int', typed('union', { options: [DATE, INT] }), '2026-01-31', '2026-01-31'],
  ['time', typed('time'), '12:30', '12:30'],
  ['timedelta', typed('timedelta'), 'P1DT2H30M', 'P1DT2H30M'],
  ['timedelta', typed('timedelta'), '90', '90'],
  ['decimal', typed('decimal'), '0.10', '0.10'],
  ['datetime', typed('datetime'), '2026-07-01T12:00[Europe/Vienna]', '2026-07-01T12:00[Europe/Vienna]'],
  ['secret', typed('secret'), 'env:TOKEN', 'env:TOKEN'],
  ['float', typed('float', { minimum: 0, maximum: 1 }), '1', 1],
  ['float', typed('float', { minimum: 0 }), 'inf', 'inf'],
  ['int', typed('int', { multiple_of: 5 }), '10', 10],
  ['pattern', typed('str', { pattern: '^a', min_length: 2 }), 'ab', 'ab'],
  ['pattern of Python', typed('str', { pattern: '(?P<n>a)' }), 'b', 'b'],
  ['pattern for the server', typed('str', { pattern: '(a+)+$' }), `${'a'.repeat(60)}b`, `${'a'.repeat(60)}b`],
  ['long text', typed('str', { pattern: '^b' }), 'a'.repeat(1001), 'a'.repeat(1001)],
  ['many repeats', typed('str', { pattern: '.*.*.*.*=' }), 'a'.repeat(999), 'a'.repeat(999)]
])('for %s, type %#, %p is right', (_name, type, text, value) => {
  expect(read(type, text)).toEqual({ value });
});

test.each([
  [typed('list', { items: INT }), '[1, "a"]', '2: a whole number, such as 12'],
  [typed('list', { items: INT }), '[1.5]', '1: a whole number, such as 12'],
  [typed('list', { items: STR }), '[1]', '1: str'],
  [typed('list', { items: INT }), '[null]', '1: int'],
  [typed('tuple', { places: [INT, STR] }), '[1]', '2 items'],
  [typed('dict', { values: INT }), '{"a": "x"}', 'a: a whole number, such as 12'],
  [typed('dict'), '[[1, 2]]', 'an object in JSON, such as {"a": 1}'],
  [
    typed('list', { items: typed('list', { items: typed('int', { minimum: 1 }) }) }),
    '[[0]]',
    '1: 1: at least 1'
  ],
  [typed('union', { options: [INT, DATE] }), 'noon', 'int | date'],
  [typed('time'), '25:00', 'a time of day, such as 12:30'],
  [typed('timedelta'), 'P', 'a duration, such as P1DT2H, or seconds'],
  [typed('decimal'), 'NaN', 'a decimal number, such as 0.10'],
  [typed('secret'), 'hunter2', 'where the secret is: env:NAME, file:PATH or keyring:SERVICE/NAME'],
  [typed('float', { minimum: 0 }), '-0.1', 'at least 0'],
  [typed('float', { minimum: 0 }), 'nan', 'at least 0'],
  [typed('int', { exclusive_maximum: 5 }), '5', 'below 5'],
  [typed('int', { multiple_of: 5 }), '11', 'a multiple of 5'],
  [typed('date', { minimum: '2026-01-01' }), '2025-12-31', 'at least 2026-01-01'],
  [typed('str', { min_length: 2, max_length: 3 }), 'a', 'at least 2 characters'],
  [typed('str', { min_length: 2, max_length: 3 }), 'abcd', 'at most 3 characters'],
  [typed('str', { pattern: '^a' }), 'b', 'text that matches ^a'],
  [typed('set', { min_length: 2 }), '[1, 1]', 'at least 2 items']
])('%#: a rule that is broken is told', (type, text, error) => {
  expect(read(type, text)).toEqual({ error });
});

test('a default that was kept with the name of its option is shown without it', () => {
  const type = typed('union', { options: [STR, DATE] });
  const kept = { type: 'date', value: '2026-01-31' };
  expect(typedDefault(parameter('p', type, { default: kept }))).toBe('2026-01-31');
});
