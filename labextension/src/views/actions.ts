/** What can be done with the run of a card. */

import type { Artifact, Run, RunBeside } from '../wire';
import { h, type Drawn } from './draw';
import { inlineForm, readTag } from './inline';
import { shortId, shortNumber, type Setting } from './words';

export interface ActionRecord {
  readonly run: Run;
  /** What the card says beyond the run; without it the card says less. */
  readonly beside?: RunBeside | null;
  readonly artifacts?: readonly Artifact[];
  /** Runs that this one may be compared with. */
  readonly others?: readonly Run[];
}

export interface ActionCallbacks extends Setting {
  readonly rename?: (name: string) => void;
  readonly tag?: (tags: Readonly<Record<string, string>>) => void;
  /** Leave a sentence for whoever reads the run. */
  readonly note?: (text: string) => void;
  readonly archive?: (archived: boolean) => void;
  readonly register?: (model: string, artifact: string) => void;
  /** Compare the run with another. */
  readonly compare?: (other: string) => void;
}

export function press(word: string, kind: string, click: () => void, title?: string, key = word): Drawn {
  return h('button', { type: 'button', class: kind, title, key, on: { click } }, word);
}

/** What can be done with a run: the two things that are wanted most, and the others behind a click. */
export function actions(record: ActionRecord, callbacks: ActionCallbacks): Drawn | null {
  const { trans, rename, tag, note, archive, register, compare } = callbacks;
  const { run, beside } = record;
  const before = beside?.before ?? null;
  const others = (record.others ?? []).filter(other => other.id !== run.id);
  const models = (record.artifacts ?? [])
    .map(artifact => /^models\/([^/]+)\/manifest\.json$/.exec(artifact.name)?.[1])
    .filter(name => name !== undefined);
  const first = [
    compare && before !== null
      ? press(
          trans.__('Compare'),
          'jmlops-button',
          () => {
            compare(before);
          },
          trans.__('Compare with the run before, %1', shortId(before))
        )
      : null,
    ...(register ? models : []).map(model =>
      inlineForm(
        models.length > 1 ? trans.__('Register %1…', model) : trans.__('Register…'),
        trans.__('Register %1 as a version of', `models/${model}`),
        model,
        name => register?.(name, model)
      )
    )
  ];
  const more = [
    compare && others.length
      ? inlineForm(
          trans.__('Compare with…'),
          trans.__('Run to compare %1 with', run.name),
          others.find(({ id }) => id === before)?.id ?? others[0]?.id ?? '',
          compare,
          others.map(other => [other.id, told(other, beside?.metrics[0]?.name)])
        )
      : null,
    rename && inlineForm(trans.__('Rename'), trans.__('New name of %1', run.name), run.name, rename),
    tag &&
      inlineForm(trans.__('Tag'), trans.__('Tag of %1, as name=value', run.name), '', text => {
        tag(readTag(text));
      }),
    note && inlineForm(trans.__('Note'), trans.__('Note for whoever reads %1', run.name), '', note),
    archive &&
      press(
        run.archived ? trans.__('Bring back') : trans.__('Archive'),
        'jmlops-button',
        () => {
          archive(!run.archived);
        },
        undefined,
        'archive' // it stays the same button when its word changes, and keeps the focus
      )
  ].filter(Boolean);
  return first.some(Boolean) || more.length
    ? h(
        'div',
        {
          class: 'jmlops-actions jmlops-heading-actions',
          key: 'actions',
          on: { focusout: shut, keydown: shut }
        },
        first,
        more.length
          ? h(
              'details',
              { class: 'jmlops-action', key: 'more' },
              h(
                'summary',
                { class: 'jmlops-button', 'aria-label': trans.__('More'), title: trans.__('More') },
                '⋯'
              ),
              h('div', { class: 'jmlops-actions jmlops-more' }, more)
            )
          : null
      )
    : null;
}

/** What has opened over the card shuts when the reader goes on elsewhere, or says so. */
function shut(event: Event): void {
  const open =
    event.target instanceof Element ? event.target.closest('.jmlops-heading-actions > details') : null;
  const left =
    event instanceof FocusEvent &&
    event.relatedTarget instanceof Node &&
    !open?.contains(event.relatedTarget);
  const escaped = event instanceof KeyboardEvent && event.key === 'Escape';
  if (left || escaped) {
    open?.removeAttribute('open');
  }
  if (escaped) {
    open?.querySelector('summary')?.focus();
  }
}

/** A run in one line of a list, with the metric that says most of the run on the card. */
function told(run: Run, metric = ''): string {
  const value = run.metrics[metric];
  return [
    run.name,
    shortId(run.id),
    ...(value === undefined ? [] : [`${metric} ${shortNumber(value)}`])
  ].join(' · ');
}
