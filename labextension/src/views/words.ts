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

/** Four significant digits, or all of a whole number; never a rounded-away difference from zero. */
export function shortNumber(figure: Figure | null | undefined): string {
  if (figure === null || figure === undefined) {
    return '–';
  }
  const value = numberOf(figure);
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  }
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) {
    return minus(value.toExponential(2));
  }
  const digits = Number.isInteger(value) ? 0 : Math.max(0, 3 - Math.floor(Math.log10(size)));
  return minus(value.toLocaleString('en-US', { maximumFractionDigits: digits }));
}

/** The numbers of a column with as many places behind the point as the one that needs most, so that points align. */
export function alignedNumbers(figures: readonly (Figure | null | undefined)[]): readonly string[] {
  const texts = figures.map(shortNumber);
  if (texts.some(text => /e/.test(text))) {
    return texts;
  }
  const places = Math.min(4, Math.max(0, ...texts.map(text => text.split('.')[1]?.length ?? 0)));
  const format = { minimumFractionDigits: places, maximumFractionDigits: places };
  return figures.map((figure, index) => {
    const value = typeof figure === 'number' ? figure : NaN;
    return Number.isFinite(value) ? minus(value.toLocaleString('en-US', format)) : (texts[index] ?? '–');
  });
}

export const minus = (text: string): string => text.replace(/^-/, '−');

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
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toLocaleString('en-US', { maximumFractionDigits: power ? 1 : 0 })} ${units[power] ?? 'B'}`;
}

export function duration(seconds: number, trans: Translation): string {
  if (seconds < 1) {
    return trans.__('%1 ms', Math.round(seconds * 1000));
  }
  if (seconds < 60) {
    return trans.__('%1 s', seconds < 10 ? seconds.toFixed(1) : Math.round(seconds));
  }
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? trans.__('%1 min %2 s', minutes, Math.round(seconds % 60))
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
