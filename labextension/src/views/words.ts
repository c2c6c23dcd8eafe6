/** Numbers, times and counts as a reader wants them. */

import type { Figure } from '../wire';

/** How a host translates; JupyterLab's own bundles fit. */
export interface Translation {
  __(text: string, ...values: (string | number)[]): string;
  _n(one: string, many: string, count: number, ...values: (string | number)[]): string;
}

const filled = (text: string, values: readonly (string | number)[]): string =>
  text.replace(/%(\d+)/g, (_, place: string) => String(values[Number(place) - 1] ?? ''));

/** The words as they are written here, for hosts without a translator. */
export const untranslated: Translation = {
  __: (text, ...values) => filled(text, values),
  _n: (one, many, count, ...values) => filled(count === 1 ? one : many, [count, ...values])
};

/** What every view is given beside its record. */
export interface Setting {
  readonly trans: Translation;
  /** Milliseconds since 1970, for "3 min ago". */
  readonly now?: () => number;
}

export const nowOf = (setting: Setting): number => (setting.now ?? Date.now)();

/** A wire figure as a number. */
export function numberOf(value: Figure): number {
  return typeof value === 'number' ? value : { nan: NaN, inf: Infinity, '-inf': -Infinity }[value];
}

/** Digits more than a float can have behind a tie. */
const MORE = 40;

/** As Python rounds: of two numbers that are as near, the even one. *long* is the same with more digits. */
function even(away: string, long: string): string {
  const kept = long.slice(0, -MORE).replace(/\.$/, '');
  return /^50*$/.test(long.slice(-MORE)) && /[02468]$/.test(kept) ? kept : away;
}

const fixed = (value: number, places: number): string =>
  value < 0 ? `-${fixed(-value, places)}` : even(value.toFixed(places), value.toFixed(places + MORE));

/** One digit before the point and *places* behind it; and the power of ten. */
function scientific(size: number, places: number): readonly [string, number] {
  const [mantissa = '', power] = size.toExponential(places).split('e');
  const [long = '', kept] = size.toExponential(places + MORE).split('e');
  const digits = even(mantissa, long);
  return [digits, Number(digits === mantissa ? power : kept)];
}

const exponent = (power: number): string =>
  `e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;

const stripped = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

const grouped = (text: string): string => {
  const [whole = '', ...rest] = text.split('.');
  return [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...rest].join('.');
};

const DASH = '–';
const [SMALL, LARGE] = [1e-3, 1e9];

/** Four significant digits; a whole number whole, what is missing as a dash: `number` of jupyter_mlops.render.words. */
export function shortNumber(figure: Figure | null | undefined): string {
  if (figure === null || figure === undefined) {
    return DASH;
  }
  const value = numberOf(figure);
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  }
  return (value < 0 ? '−' : '') + written(Math.abs(value));
}

function written(size: number): string {
  if (Number.isInteger(size) && size < LARGE) {
    return grouped(String(size));
  }
  if (size < SMALL || size >= LARGE) {
    const [mantissa, power] = scientific(size, 2);
    return mantissa + minus(exponent(power));
  }
  const magnitude = Number(size.toExponential().split('e')[1]);
  return stripped(grouped(fixed(size, Math.max(0, 3 - magnitude))));
}

/** A parameter, or any other plain value. */
export type Plain = string | number | boolean | null;

const LONGEST = 80;

/** A parameter or any plain value on one line, as it was given: `value` of jupyter_mlops.render.words. */
export function plainText(value: Plain): string {
  if (value === null) {
    return 'None';
  }
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  if (typeof value === 'number' || value === 'nan' || value === 'inf' || value === '-inf') {
    return typeof value === 'number' ? general(value) : shortNumber(value);
  }
  const line = value.split(/\s+/).filter(Boolean).join(' ');
  const letters = Array.from(line);
  return letters.length <= LONGEST ? line : `${letters.slice(0, LONGEST - 1).join('')}…`;
}

/** Six significant digits, as Python's `:g`; a whole number has all of its own, as JSON does not tell 1.0 from 1. */
function general(value: number): string {
  if (Number.isInteger(value)) {
    return String(value);
  }
  const size = Math.abs(value);
  const [mantissa, power] = scientific(size, 5);
  const text =
    power < -4 || power > 5 ? stripped(mantissa) + exponent(power) : stripped(fixed(size, 5 - power));
  return value < 0 ? `-${text}` : text;
}

/** All of a value, for whoever points at it. */
export const wholeText = (value: Plain): string =>
  typeof value === 'boolean' || value === null ? plainText(value) : String(value);

/** The place at which a metric is told: 0 of held-out data, 1 of the data fitted on, 2 of the fitting itself. */
export function toldAt(metric: string): number {
  if (/_(seconds|std)$|^(fold_|rank_|batches)/.test(metric)) {
    return 2;
  }
  return metric.startsWith('train') ? 1 : 0;
}

/** How values beside each other are written: two that would look alike and are not, with all they have. */
export function toldApart(values: readonly (Plain | undefined)[]): (value: Plain | undefined) => string {
  const counts = new Map<string, number>();
  for (const value of new Set(values)) {
    const text = value === undefined ? DASH : plainText(value);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return value => {
    if (value === undefined) {
      return DASH;
    }
    const text = plainText(value);
    return (counts.get(text) ?? 0) > 1 ? quoted(value) : text;
  };
}

/** All of a value; a text that reads as something else, as '3' does, stands in quotes. */
const quoted = (value: Plain): string =>
  typeof value === 'string' && (/^(True|False|None)$/.test(value) || (value.trim() && !isNaN(Number(value))))
    ? `'${value}'`
    : wholeText(value);

const MOST_PLACES = 6;

/** The numbers of a column with as many places behind the point as the one that needs most, so that points align. */
export const alignedNumbers = (figures: readonly (Figure | null | undefined)[]): readonly string[] =>
  aligned(figures, figures.map(shortNumber), grouped);

/** The same of a parameter. */
export const alignedValues = (values: readonly (number | undefined)[]): readonly string[] =>
  aligned(values, values.map(toldApart(values)), text => text.replace('−', '-'));

function aligned(
  figures: readonly (Figure | null | undefined)[],
  texts: readonly string[],
  form: (text: string) => string
): readonly string[] {
  const places = Math.max(0, ...texts.map(text => text.split('.')[1]?.length ?? 0));
  // Where that would be a row of zeros, or one stands as a power of ten, each has the digits it needs.
  if (places > MOST_PLACES || texts.some(text => text.includes('e'))) {
    return texts;
  }
  return figures.map((figure, index) =>
    typeof figure === 'number' && Number.isFinite(figure)
      ? form(minus(fixed(figure, places)))
      : (texts[index] ?? DASH)
  );
}

export const minus = (text: string): string => text.replace('-', '−');

/** A difference always carries its sign. */
export function signed(figure: Figure | null | undefined): string {
  const text = shortNumber(figure);
  return figure !== null && figure !== undefined && numberOf(figure) > 0 ? `+${text}` : text;
}

/** The last six of an id: its head is the time, which its neighbours share. */
export const shortId = (id: string): string => id.slice(-6);

/** The first six of a digest. */
export const shortDigest = (digest: string): string => digest.replace(/^\w+:/, '').slice(0, 6);

export function shortSize(bytes: number): string {
  let [amount, unit] = [bytes, 'B'];
  for (const larger of ['kB', 'MB', 'GB', 'TB']) {
    // Rounded before the unit is chosen: there is no 1000.0 kB.
    if (Number(fixed(amount, 1)) < 1000) {
      break;
    }
    [amount, unit] = [amount / 1000, larger];
  }
  return `${fixed(amount, unit === 'B' ? 0 : 1)} ${unit}`;
}

export function duration(seconds: number, trans: Translation): string {
  // Rounded before the unit is chosen: there is no 1000 ms, and no 60.0 s.
  const thousandths = Number(fixed(seconds * 1000, 0));
  if (thousandths < 1000) {
    return trans.__('%1 ms', thousandths);
  }
  const rounded = Number(fixed(seconds, 1));
  if (rounded < 60) {
    return trans.__('%1 s', fixed(rounded, 1));
  }
  const minutes = Math.floor(rounded / 60);
  return minutes < 60
    ? trans.__('%1 min %2 s', minutes, Math.floor(rounded % 60))
    : trans.__('%1 h %2 min', Math.floor(minutes / 60), minutes % 60);
}

export function ago(moment: string, setting: Setting): string {
  const seconds = (nowOf(setting) - Date.parse(moment)) / 1000;
  const { trans } = setting;
  if (seconds < 10) {
    return trans.__('just now');
  }
  if (seconds < 60) {
    return trans.__('%1 s ago', Math.floor(seconds));
  }
  if (seconds < 3600) {
    return trans.__('%1 min ago', Math.floor(seconds / 60));
  }
  if (seconds < 86_400) {
    return trans.__('%1 h ago', Math.floor(seconds / 3600));
  }
  return trans._n('%1 day ago', '%1 days ago', Math.floor(seconds / 86_400));
}

/** The absolute time, in UTC and where the reader is. */
export function absolute(moment: string): string {
  const at = new Date(moment);
  return `${at.toISOString().replace('T', ' ').slice(0, 19)} UTC · ${at.toLocaleString()}`;
}
