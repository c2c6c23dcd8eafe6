/** A form made from a notebook's parameters; a wrong value is marked while it is typed. */

import type { Failure, Parameter } from '../wire';
import { draw, h, OWN_KEYS, type Child, type Drawn } from './draw';
import { emptyState, failureState, loadingState } from './notice';
import type { Setting, Translation } from './words';

export type Read = { readonly value: unknown } | { readonly error: string };

export interface FormRecord {
  readonly notebook: string;
  readonly parameters?: readonly Parameter[];
  /** What has been typed, by parameter; absent: the default. */
  readonly typed: Readonly<Record<string, string>>;
  readonly experiment: string;
  readonly register: string;
  readonly failure?: Failure | null;
  readonly busy?: boolean;
}

export interface FormCallbacks extends Setting {
  readonly type: (name: string, text: string) => void;
  readonly experiment: (text: string) => void;
  readonly register: (text: string) => void;
  readonly start: () => void;
  readonly close: () => void;
}

const INTEGER = /^[+-]?\d[\d_]*$/;
const FLOAT = /^[+-]?(\d[\d_]*\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(inf|nan)$/i;

/** A default as the text a person would type for it. */
export function typedDefault(parameter: Parameter): string {
  const value = parameter.default;
  if (value === null || value === undefined) {
    return '';
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What *text* means for *parameter*, or the rule it breaks. */
export function readValue(parameter: Parameter, text: string, trans: Translation): Read {
  const trimmed = text.trim();
  const none = parameter.type !== 'str' || (parameter.nullable && parameter.choices.length > 0);
  if (trimmed === '' && none) {
    return parameter.nullable || (parameter.type === 'any' && !parameter.required)
      ? { value: null }
      : { error: trans.__('%1 needs a value', parameter.name) };
  }
  if (parameter.choices.length > 0) {
    const found = parameter.choices.find(choice => String(choice) === trimmed);
    return found === undefined
      ? { error: trans.__('one of %1', parameter.choices.join(', ')) }
      : { value: found };
  }
  return readTyped(parameter.type, text, trans);
}

function readTyped(type: string, text: string, trans: Translation): Read {
  const trimmed = text.trim();
  switch (type) {
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
    case 'list':
    case 'tuple':
      return json(trimmed, Array.isArray, trans.__('a list in JSON, such as [1, 2]'));
    case 'dict':
      return json(
        trimmed,
        value => typeof value === 'object' && value !== null && !Array.isArray(value),
        trans.__('an object in JSON, such as {"a": 1}')
      );
    case 'date':
      return dated(trimmed, /^\d{4}-\d{2}-\d{2}$/, trans.__('a date, such as 2026-01-31'));
    case 'datetime':
      return dated(
        trimmed,
        /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/,
        trans.__('a time, such as 2026-01-31T12:00')
      );
    case 'any':
      return guessed(trimmed);
    default:
      return { value: text };
  }
}

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

function json(text: string, fits: (value: unknown) => boolean, rule: string): Read {
  try {
    const value: unknown = JSON.parse(text);
    return fits(value) ? { value } : { error: rule };
  } catch {
    return { error: rule };
  }
}

function dated(text: string, form: RegExp, rule: string): Read {
  const real = form.test(text) && !Number.isNaN(Date.parse(text)) && sameDay(text);
  return real ? { value: text } : { error: rule };
}

/** February 30th parses; it just is not the day that was typed. */
const sameDay = (text: string): boolean =>
  new Date(`${text.slice(0, 10)}T00:00:00Z`).toISOString().slice(0, 10) === text.slice(0, 10);

function guessed(text: string): Read {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { value: text };
  }
}

/** The values that differ from what the notebook says anyway, or every rule that is broken. */
export function readForm(
  parameters: readonly Parameter[],
  typed: Readonly<Record<string, string>>,
  trans: Translation
): { readonly values: Readonly<Record<string, unknown>>; readonly errors: Readonly<Record<string, string>> } {
  const values: Record<string, unknown> = {};
  const errors: Record<string, string> = {};
  for (const parameter of parameters) {
    const text = typed[parameter.name];
    if ((text === undefined || text === typedDefault(parameter)) && !parameter.required) {
      continue;
    }
    // An empty text is one where somebody made it so, not where nobody has typed yet.
    const read =
      text === undefined && parameter.type === 'str'
        ? { error: trans.__('%1 needs a value', parameter.name) }
        : readValue(parameter, text ?? '', trans);
    if ('error' in read) {
      errors[parameter.name] = read.error;
    } else {
      values[parameter.name] = read.value;
    }
  }
  return { values, errors };
}

/** Which form it is: an id in the page must be that of one form only. */
const forms = new WeakMap<Element, number>();
let count = 0;

/** Draw the "Run as job" form into *element*. */
export function drawForm(element: Element, record: FormRecord, callbacks: FormCallbacks): void {
  const { trans } = callbacks;
  const form = forms.get(element) ?? ++count;
  forms.set(element, form);
  draw(
    element,
    h(
      'form',
      {
        class: 'jmlops jmlops-form',
        'aria-label': trans.__('Run %1 as a job', record.notebook),
        on: {
          submit: event => {
            event.preventDefault();
            callbacks.start();
          },
          keydown: event => {
            if (event instanceof KeyboardEvent && event.key === 'Escape') {
              callbacks.close();
            }
          }
        }
      },
      h('h3', {}, trans.__('Run %1 as a job', record.notebook)),
      record.parameters ? body(record, record.parameters, form, callbacks) : loadingOr(record, callbacks)
    )
  );
}

function loadingOr(record: FormRecord, callbacks: FormCallbacks): Child {
  const { trans } = callbacks;
  return record.failure
    ? [
        failureState(record.failure),
        h(
          'div',
          { class: 'jmlops-buttons' },
          h(
            'button',
            { type: 'button', class: 'jmlops-button', on: { click: callbacks.close } },
            trans.__('Close')
          )
        )
      ]
    : loadingState(trans);
}

function body(
  record: FormRecord,
  parameters: readonly Parameter[],
  form: number,
  callbacks: FormCallbacks
): Child {
  const { trans } = callbacks;
  const { errors } = readForm(parameters, record.typed, trans);
  const wrong = Object.keys(errors).length;
  return [
    parameters.length === 0
      ? emptyState(
          trans.__('This notebook has no parameters: give a cell the tag “parameters” to make some.')
        )
      : group(
          trans.__('The notebook’s parameters'),
          parameters.map(parameter => field(parameter, record, errors[parameter.name], form, callbacks))
        ),
    group(trans.__('What becomes of the run'), [
      text(
        'experiment',
        trans.__('Experiment'),
        record.experiment,
        trans.__('a name; slashes make folders'),
        callbacks.experiment
      ),
      text(
        'register',
        trans.__('Register as'),
        record.register,
        trans.__('a model’s name: its version is registered and put up for review; empty: neither'),
        callbacks.register
      )
    ]),
    record.failure ? failureState(record.failure) : null,
    h(
      'div',
      { class: 'jmlops-buttons' },
      h(
        'button',
        {
          type: 'submit',
          class: 'jmlops-button jmlops-primary',
          disabled: wrong > 0 || record.busy === true
        },
        trans.__('Start the job')
      ),
      h(
        'button',
        { type: 'button', class: 'jmlops-button', on: { click: callbacks.close } },
        trans.__('Close')
      ),
      h(
        'span',
        { class: 'jmlops-aside', role: 'status' },
        wrong
          ? trans._n('%1 value is not right yet', '%1 values are not right yet', wrong)
          : record.busy === true
            ? trans.__('Starting…')
            : trans.__('The notebook is saved first.')
      )
    )
  ];
}

const group = (legend: string, fields: readonly Child[]): Drawn =>
  h('fieldset', { class: 'jmlops-group', key: legend }, h('legend', {}, legend), fields);

function text(
  name: string,
  label: string,
  value: string,
  help: string,
  change: (text: string) => void
): Drawn {
  return h(
    'label',
    { class: 'jmlops-field', key: `own ${name}` },
    h('span', {}, label),
    h('input', {
      class: 'jmlops-input',
      name,
      value,
      'aria-description': help,
      on: {
        input: event => {
          change(typedIn(event));
        }
      }
    }),
    h('span', { class: 'jmlops-aside' }, help)
  );
}

const typedIn = (event: Event): string =>
  event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement
    ? event.target.value
    : '';

function field(
  parameter: Parameter,
  record: FormRecord,
  error: string | undefined,
  form: number,
  callbacks: FormCallbacks
): Drawn {
  const { trans } = callbacks;
  const shown = record.typed[parameter.name] ?? typedDefault(parameter);
  const describedBy = `jmlops-rule-${form}-${parameter.name}`;
  const common = {
    class: 'jmlops-input',
    name: `parameter-${parameter.name}`,
    'aria-invalid': error ? 'true' : undefined,
    'aria-describedby': describedBy,
    on: {
      input: (event: Event) => {
        callbacks.type(parameter.name, typedIn(event));
      }
    }
  };
  const choices = parameter.type === 'bool' ? ['true', 'false'] : parameter.choices.map(String);
  return h(
    'label',
    { class: 'jmlops-field', key: parameter.name },
    h(
      'span',
      {},
      parameter.name,
      ' ',
      h(
        'span',
        { class: 'jmlops-aside' },
        parameter.type,
        parameter.required ? `, ${trans.__('required')}` : null
      )
    ),
    choices.length
      ? h(
          'select',
          { ...common, ...OWN_KEYS, value: shown },
          parameter.nullable || shown === '' ? h('option', { value: '' }, '–') : null,
          choices.map(choice => h('option', { value: choice, key: choice }, choice))
        )
      : h('input', {
          ...common,
          value: shown,
          spellcheck: 'false',
          inputmode: parameter.type === 'int' ? 'numeric' : parameter.type === 'float' ? 'decimal' : undefined
        }),
    h(
      'span',
      { id: describedBy, class: error ? 'jmlops-rule' : 'jmlops-aside', role: error ? 'alert' : undefined },
      error ? `✕ ${error}` : parameter.help
    )
  );
}
