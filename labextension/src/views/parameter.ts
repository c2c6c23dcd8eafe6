/** What a notebook's parameter may be: its type and rules in words, and what a typed text means for it. */

import type { Parameter, ParameterType } from '../wire';
import type { Translation } from './words';

export type Read = { readonly value: unknown } | { readonly error: string };

const INTEGER = /^[+-]?\d[\d_]*$/;
const FLOAT = /^[+-]?(\d[\d_]*\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(inf|nan)$/i;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT =
  /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?(\[[A-Za-z0-9_+\-/]+\])?$/;
const CLOCK = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/;
const DURATION = /^[+-]?P(?=[\dT])(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d{1,6})?S)?)?$/i;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/;
const REFERENCE = /^(env:[A-Za-z_]\w{0,199}|file:.{1,1000}|keyring:[^/]{1,200}\/.{1,200})$/;
/** Characters, with few repeats in a pattern and with many. */
const LONGEST_MATCHED = [1000, 100] as const;
const COLLECTIONS = new Set(['list', 'tuple', 'set', 'frozenset']);
/** An empty text of these is a text; of all others it is no value. */
const TEXTUAL = new Set(['str']);

/** A type as an annotation of Python would say it. */
export function spelled(type: ParameterType): string {
  const bare = spelledBare(type);
  return type.nullable && type.kind !== 'any' ? `${bare} | None` : bare;
}

function spelledBare(type: ParameterType): string {
  if (type.options.length > 0) {
    return type.options.map(spelled).join(' | ');
  }
  if (type.kind === 'dict' && (type.keys ?? type.values)) {
    return `dict[${type.keys ? spelled(type.keys) : 'str'}, ${type.values ? spelled(type.values) : 'any'}]`;
  }
  if (type.places.length > 0) {
    return `tuple[${type.places.map(spelled).join(', ')}]`;
  }
  return type.items
    ? `${type.kind}[${spelled(type.items)}${type.kind === 'tuple' ? ', ...' : ''}]`
    : type.kind;
}

/** What a value must be besides of its type; choices stand in the field itself. */
export function limits(type: ParameterType, trans: Translation): readonly string[] {
  const text = type.kind === 'str';
  const said: readonly (string | null)[] = [
    type.minimum === null ? null : trans.__('at least %1', String(type.minimum)),
    type.exclusive_minimum === null ? null : trans.__('above %1', String(type.exclusive_minimum)),
    type.maximum === null ? null : trans.__('at most %1', String(type.maximum)),
    type.exclusive_maximum === null ? null : trans.__('below %1', String(type.exclusive_maximum)),
    type.multiple_of === null ? null : trans.__('a multiple of %1', String(type.multiple_of)),
    type.min_length === null
      ? null
      : text
        ? trans._n('at least %1 character', 'at least %1 characters', type.min_length)
        : trans._n('at least %1 item', 'at least %1 items', type.min_length),
    type.max_length === null
      ? null
      : text
        ? trans._n('at most %1 character', 'at most %1 characters', type.max_length)
        : trans._n('at most %1 item', 'at most %1 items', type.max_length),
    type.pattern === null ? null : trans.__('text that matches %1', type.pattern)
  ];
  const parts = [...type.options, ...type.places, type.items, type.keys, type.values];
  return [
    ...said.filter(limit => limit !== null),
    ...parts.flatMap(part => (part ? limits(part, trans).map(limit => `${spelled(part)}: ${limit}`) : []))
  ];
}

/** A default as the text a person would type for it. */
export function typedDefault(parameter: Parameter): string {
  const value = withoutName(parameter.type, parameter.default);
  if (value === null || value === undefined) {
    return '';
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The value of a union that was kept with the name of its option. */
function withoutName(type: ParameterType, value: unknown): unknown {
  const named = isRecord(value) && type.options.length > 0 && 'type' in value && 'value' in value;
  return named ? value.value : value;
}

/** What *text* means for *parameter*, or the rule it breaks. */
export function readValue(parameter: Parameter, text: string, trans: Translation): Read {
  const { type } = parameter;
  if (text.trim() === '' && !isText(type)) {
    return type.nullable || (type.kind === 'any' && !parameter.required && type.choices.length === 0)
      ? { value: null }
      : { error: trans.__('%1 needs a value', parameter.name) };
  }
  return readTyped(type, text, trans);
}

/** Whether an empty text is a value, not the lack of one. */
export function isText(type: ParameterType): boolean {
  const kinds = type.options.length > 0 ? type.options : [type];
  return kinds.some(kind => TEXTUAL.has(kind.kind) && kind.choices.length === 0);
}

function readTyped(type: ParameterType, text: string, trans: Translation): Read {
  const trimmed = text.trim();
  if (type.choices.length > 0) {
    const found = type.choices.find(choice => String(choice) === trimmed);
    return found === undefined ? { error: trans.__('one of %1', type.choices.join(', ')) } : { value: found };
  }
  if (type.options.length > 0) {
    return readOption(type, text, trans);
  }
  const read = readKind(type, text, trans);
  return 'error' in read ? read : withinLimits(type, read.value, trans);
}

/** As on a command line: the first option that can read the text, one for text the last. */
function readOption(type: ParameterType, text: string, trans: Translation): Read {
  const loose = (option: ParameterType): boolean => ['str', 'path', 'any'].includes(option.kind);
  const order = [
    ...type.options.filter(option => !loose(option)),
    ...type.options.filter(option => loose(option))
  ];
  for (const option of order) {
    const read = readTyped(option, text, trans);
    if (!('error' in read)) {
      return read;
    }
  }
  return { error: spelled(type) };
}

function readKind(type: ParameterType, text: string, trans: Translation): Read {
  const trimmed = text.trim();
  switch (type.kind) {
    case 'int':
      return INTEGER.test(trimmed)
        ? whole(trimmed, trans)
        : { error: trans.__('a whole number, such as 12') };
    case 'float':
      return FLOAT.test(trimmed)
        ? { value: floating(trimmed) }
        : { error: trans.__('a number, such as 0.3 or 1e-4') };
    case 'bool':
      return /^(true|false)$/i.test(trimmed)
        ? { value: trimmed.toLowerCase() === 'true' }
        : { error: trans.__('true or false') };
    case 'any':
      return guessed(trimmed);
    case 'str':
    case 'path':
      return { value: text };
    default:
      return COLLECTIONS.has(type.kind) || type.kind === 'dict'
        ? readParts(type, trimmed, trans)
        : readForm(type.kind, trimmed, trans);
  }
}

function readForm(kind: string, text: string, trans: Translation): Read {
  const fits = FORMS[kind];
  return fits === undefined || fits(text) ? { value: text } : { error: ruleOf(kind, trans) };
}

const FORMS: Readonly<Record<string, (text: string) => boolean>> = {
  date: text => dated(text, DATE),
  datetime: text => dated(text, MOMENT),
  time: text => CLOCK.test(text),
  timedelta: text => (DURATION.test(text) && !/[PT]$/i.test(text)) || DECIMAL.test(text),
  decimal: text => DECIMAL.test(text),
  secret: text => REFERENCE.test(text)
};

function ruleOf(kind: string, trans: Translation): string {
  switch (kind) {
    case 'date':
      return trans.__('a date, such as 2026-01-31');
    case 'datetime':
      return trans.__('a time, such as 2026-01-31T12:00');
    case 'time':
      return trans.__('a time of day, such as 12:30');
    case 'timedelta':
      return trans.__('a duration, such as P1DT2H, or seconds');
    case 'decimal':
      return trans.__('a decimal number, such as 0.10');
    default:
      return trans.__('where the secret is: env:NAME, file:PATH or keyring:SERVICE/NAME');
  }
}

function dated(text: string, form: RegExp): boolean {
  const moment = text.replace(/\[.*\]$/, '');
  return form.test(text) && !Number.isNaN(Date.parse(moment)) && sameDay(moment);
}

/** February 30th parses; it just is not the day that was typed. */
const sameDay = (text: string): boolean =>
  new Date(`${text.slice(0, 10)}T00:00:00Z`).toISOString().slice(0, 10) === text.slice(0, 10);

function whole(text: string, trans: Translation): Read {
  const value = Number(text.replaceAll('_', ''));
  return Number.isSafeInteger(value)
    ? { value }
    : { error: trans.__('a whole number of at most 15 digits; larger ones in a terminal') };
}

function floating(text: string): number | string {
  const named = /^([+-]?)(inf|nan)$/i.exec(text);
  if (named) {
    return `${named[1] === '-' ? '-' : ''}${named[2]?.toLowerCase() ?? ''}`;
  }
  return Number(text.replaceAll('_', ''));
}

/** What JSON says; where a number in it is too large for the browser, the text itself: the server reads that exactly. */
function guessed(text: string): Read {
  let exact = true;
  try {
    const value: unknown = JSON.parse(text, (_name, part: unknown) => {
      exact &&= typeof part !== 'number' || Math.abs(part) <= Number.MAX_SAFE_INTEGER;
      return part;
    });
    return { value: exact ? value : text };
  } catch {
    return { value: text };
  }
}

// --- collections, as JSON ---

function readParts(type: ParameterType, text: string, trans: Translation): Read {
  const rule =
    type.kind === 'dict'
      ? trans.__('an object in JSON, such as {"a": 1}')
      : trans.__('a list in JSON, such as [1, 2]');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { error: rule };
  }
  const array = Array.isArray(value);
  if (type.kind === 'dict' ? !isRecord(value) && !(array && type.keys) : !array) {
    return { error: rule };
  }
  const wrong = wrongPart(type, value, trans);
  return wrong ? { error: wrong } : { value };
}

/** The rule that a part of *value* breaks, with its place; null where all fit. */
function wrongPart(type: ParameterType, value: unknown, trans: Translation): string | null {
  if (type.places.length > 0 && Array.isArray(value) && value.length !== type.places.length) {
    return trans._n('%1 item', '%1 items', type.places.length);
  }
  for (const [place, part, item] of partsOf(type, value)) {
    const read = part ? readJson(part, item, trans) : { value: item };
    if ('error' in read) {
      return `${place}: ${read.error}`;
    }
  }
  return null;
}

function partsOf(
  type: ParameterType,
  value: unknown
): readonly (readonly [string, ParameterType | null, unknown])[] {
  if (Array.isArray(value)) {
    return type.kind === 'dict'
      ? []
      : value.map((item: unknown, at) => [String(at + 1), type.places[at] ?? type.items, item]);
  }
  return isRecord(value) ? Object.entries(value).map(([key, item]) => [key, type.values, item] as const) : [];
}

/** What a value of JSON means for *type*: text is read as it would be in a field. */
function readJson(type: ParameterType, value: unknown, trans: Translation): Read {
  if (value === null) {
    return type.nullable || type.kind === 'any' ? { value } : { error: spelled(type) };
  }
  if (type.kind === 'any' && type.choices.length === 0) {
    return { value };
  }
  if (type.options.length > 0) {
    const found = type.options.some(option => !('error' in readJson(option, value, trans)));
    return found || 'type' in Object(value) ? { value } : { error: spelled(type) };
  }
  if (type.kind === 'str' && type.choices.length === 0 && typeof value !== 'string') {
    return { error: spelled(type) };
  }
  return readTyped(type, typeof value === 'string' ? value : JSON.stringify(value), trans);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// --- limits ---

function withinLimits(type: ParameterType, value: unknown, trans: Translation): Read {
  const broken = brokenBound(type, value, trans) ?? brokenLength(type, value, trans);
  return broken === null ? { value } : { error: broken };
}

function brokenBound(type: ParameterType, value: unknown, trans: Translation): string | null {
  const given = comparable(type.kind, value);
  if (given === null) {
    return null;
  }
  const bounds: readonly (readonly [unknown, (bound: number) => boolean, string])[] = [
    [type.minimum, bound => given >= bound, trans.__('at least %1', String(type.minimum))],
    [type.exclusive_minimum, bound => given > bound, trans.__('above %1', String(type.exclusive_minimum))],
    [type.maximum, bound => given <= bound, trans.__('at most %1', String(type.maximum))],
    [type.exclusive_maximum, bound => given < bound, trans.__('below %1', String(type.exclusive_maximum))]
  ];
  for (const [bound, holds, rule] of bounds) {
    const limit = bound === null ? null : comparable(type.kind, bound);
    if (limit !== null && !holds(limit)) {
      return rule;
    }
  }
  const step = type.kind === 'int' ? Number(type.multiple_of ?? 1) : 1;
  return type.multiple_of !== null && Number.isInteger(step) && given % step !== 0
    ? trans.__('a multiple of %1', String(type.multiple_of))
    : null;
}

/** A number that orders values of a kind; null where only the server can tell. */
function comparable(kind: string, value: unknown): number | null {
  if (kind === 'date') {
    return Date.parse(String(value));
  }
  if (!['int', 'float', 'decimal'].includes(kind)) {
    return null;
  }
  const text = String(value);
  return text.endsWith('inf') ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);
}

function brokenLength(type: ParameterType, value: unknown, trans: Translation): string | null {
  const length = lengthOf(type, value);
  const short = type.min_length !== null && length !== null && length < type.min_length;
  const long = type.max_length !== null && length !== null && length > type.max_length;
  if (short || long) {
    const only = { ...type, pattern: null, [short ? 'max_length' : 'min_length']: null };
    return limits(only, trans)[0] ?? '';
  }
  return type.pattern !== null && !matches(type.pattern, String(value))
    ? trans.__('text that matches %1', type.pattern)
    : null;
}

/** As Python counts: characters of a text, members of a set once. */
function lengthOf(type: ParameterType, value: unknown): number | null {
  if (typeof value === 'string') {
    return Array.from(value).length;
  }
  if (Array.isArray(value)) {
    const set = type.kind === 'set' || type.kind === 'frozenset';
    return set ? new Set(value.map(item => JSON.stringify(item))).size : value.length;
  }
  return isRecord(value) ? Object.keys(value).length : null;
}

/**
 * An expression of Python that the browser cannot read is left to the server, and so is what could keep the page busy:
 * a long text, or an expression with a group that is repeated.
 */
function matches(pattern: string, text: string): boolean {
  const repeats = pattern.match(/[*+{]/g)?.length ?? 0;
  if (text.length > LONGEST_MATCHED[repeats > 2 ? 1 : 0] || /\)[*+?{]/.test(pattern)) {
    return true;
  }
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return true;
  }
}
