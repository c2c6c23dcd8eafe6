import { ago, duration, shortNumber, shortSize, signed, untranslated } from '../../views/words';
import { NOW } from '../samples';

test.each([
  [41.2034, '41.2'],
  [0.912345, '0.9123'],
  [0.0035, '0.0035'],
  [0.0004, '0.0004'],
  [0.0031049, '0.003105'],
  [1234567, '1,234,567'],
  [0, '0'],
  [-1.0966, '−1.097'],
  [0.00001234, '1.23e-5'],
  [12345.678, '12,346'],
  ['nan', 'NaN'],
  ['inf', '∞'],
  ['-inf', '−∞'],
  [null, '–']
] as const)('%p is written %p', (value, text) => {
  expect(shortNumber(value)).toBe(text);
});

test('a difference carries its sign', () => {
  expect([0.5, -0.5, 0].map(value => signed(value))).toEqual(['+0.5', '−0.5', '0']);
});

test.each([
  [0.25, '250 ms'],
  [2.345, '2.3 s'],
  [12.4, '12 s'],
  [75, '1 min 15 s'],
  [3 * 3600 + 120, '3 h 2 min']
])('%p seconds read %p', (seconds, text) => {
  expect(duration(seconds, untranslated)).toBe(text);
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

test('sizes are in decimal units', () => {
  expect([0, 999, 1200, 1_234_567].map(shortSize)).toEqual(['0 B', '999 B', '1.2 kB', '1.2 MB']);
});
