import {
  ago,
  alignedNumbers,
  alignedValues,
  duration,
  plainText,
  shortNumber,
  shortSize,
  signed,
  toldApart,
  toldAt,
  untranslated,
  type Plain
} from '../../views/words';
import type { Figure } from '../../wire';
import { NOW } from '../samples';
import shared from '../words.json';

// What a still card says is what the live one says: tests/render/test_words_shared.py reads the same table.
test.each(shared.number as [Figure | null, string][])('the number %p is written %p', (value, text) => {
  expect(shortNumber(value)).toBe(text);
});

test.each(shared.signed as [Figure | null, string][])('the difference %p is written %p', (value, text) => {
  expect(signed(value)).toBe(text);
});

test.each(shared.duration as [number, string][])('%p seconds read %p', (seconds, text) => {
  expect(duration(seconds, untranslated)).toBe(text);
});

test.each(shared.size as [number, string][])('%p bytes read %p', (bytes, text) => {
  expect(shortSize(bytes)).toBe(text);
});

test.each(shared.value as [Plain, string][])('the parameter %p is written %p', (value, text) => {
  expect(plainText(value)).toBe(text);
});

test('a parameter that is no number in JSON is written as one', () => {
  expect((['nan', 'inf', '-inf'] as const).map(plainText)).toEqual(['NaN', '∞', '−∞']);
});

test('two parameters that differ look different, however little they do', () => {
  const all = [0.12345678, 0.12345679, 0.5, undefined, null];
  expect(all.map(toldApart(all))).toEqual(['0.12345678', '0.12345679', '0.5', '–', 'None']);
});

test('no number in a column loses digits that it has alone', () => {
  expect(alignedValues([0.00012, 0.00014, 0.00015])).toEqual(['0.00012', '0.00014', '0.00015']);
  expect(alignedValues([0.1, 0.00014, -3, undefined])).toEqual(['0.10000', '0.00014', '-3.00000', '–']);
  expect(alignedValues([10000, 1e-7])).toEqual(['10000', '1e-07']);
  expect(alignedValues([0.12345678, 0.12345679])).toEqual(['0.12345678', '0.12345679']);
  expect(alignedNumbers([0.001234, -41.2034])).toEqual(['0.001234', '−41.203400']);
  expect(alignedNumbers([0.00012, 0.00014, 0.00015, 12.25])).toEqual([
    '1.20e−04',
    '1.40e−04',
    '1.50e−04',
    '12.25'
  ]);
});

test.each([
  [5, 'just now'],
  [59, '59 s ago'],
  [180, '3 min ago'],
  [7200, '2 h ago'],
  [86_400, '1 day ago'],
  [3 * 86_400, '3 days ago']
])('%p seconds back reads %p', (seconds, text) => {
  const moment = new Date(NOW - seconds * 1000).toISOString();
  expect(ago(moment, { trans: untranslated, now: () => NOW })).toBe(text);
});

test('a text that looks like a number, a truth or nothing stands in quotes beside that', () => {
  const all = [3, '3', null, 'None', true, 'True', 'x', ''];
  expect(all.map(toldApart(all))).toEqual(['3', "'3'", 'None', "'None'", 'True', "'True'", 'x', '']);
  expect(['3.11', '3.12'].map(toldApart(['3.11', '3.12']))).toEqual(['3.11', '3.12']);
});

test('what was measured on new data is told first, and the fitting itself last', () => {
  const names = ['fit_seconds', 'cv_std', 'fold_1', 'train_mae', 'mae', 'steady'];
  expect(names.map(toldAt)).toEqual([2, 2, 2, 1, 0, 0]);
});
