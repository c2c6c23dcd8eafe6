/** A form made from a notebook's parameters; a wrong value is marked while it is typed. */

import type { Failure, Parameter, ParameterType } from '../wire';
import { draw, h, OWN_KEYS, type Child, type Drawn } from './draw';
import { emptyState, failureState, loadingState } from './notice';
import { isText, limits, readValue, spelled, typedDefault } from './parameter';
import type { Setting, Translation } from './words';

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
      text === undefined && isText(parameter.type)
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
  const { type } = parameter;
  const choices = type.kind === 'bool' ? ['true', 'false'] : type.choices.map(String);
  const about = [parameter.help, ...limits(type, trans)].filter(Boolean).join(' · ');
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
        spelled(type),
        parameter.required ? `, ${trans.__('required')}` : null
      )
    ),
    choices.length
      ? h(
          'select',
          { ...common, ...OWN_KEYS, value: shown },
          type.nullable || shown === '' ? h('option', { value: '' }, '–') : null,
          choices.map(choice => h('option', { value: choice, key: choice }, choice))
        )
      : h('input', {
          ...common,
          value: shown,
          spellcheck: 'false',
          inputmode: inputMode(type),
          placeholder: type.kind === 'secret' ? 'env:NAME' : undefined
        }),
    h(
      'span',
      { id: describedBy, class: error ? 'jmlops-rule' : 'jmlops-aside', role: error ? 'alert' : undefined },
      error ? `✕ ${error}` : about
    )
  );
}

const inputMode = (type: ParameterType): string | undefined =>
  type.kind === 'int' ? 'numeric' : type.kind === 'float' || type.kind === 'decimal' ? 'decimal' : undefined;
