/** Runs that differ in one thing only, one line each: the mean, and how far they lie apart. */

import type { RunGroup, Spread } from '../wire';
import { trustBadges } from './badge';
import { h, type Child, type Drawn } from './draw';
import { table, type Column } from './table';
import { shortNumber, toldApart, toldAt, type Setting, type Translation } from './words';

export interface GroupsCallbacks extends Setting {
  /** Choose these runs, or no longer. */
  readonly choose?: (runs: readonly string[], chosen: boolean) => void;
}

/** What the runs of a group may differ in: their seeds, a parameter; null: there are no groups. */
export type Over = string | null;
/** Groups, and what the runs of each may differ in: the answer to one question. */
export interface Grouped {
  readonly over: string;
  readonly groups: readonly RunGroup[];
}
/** The seeds, whatever they are called. */
export const SEEDS = '';

/** So many of the newest runs are looked at where nobody asks for more: the operation's own limit. */
const LOOKED_AT = 1000;
const MOST_PARAMS = 8;
const MOST_METRICS = 6;

export function groupsTable(
  { groups, over }: Grouped,
  chosen: ReadonlySet<string>,
  callbacks: GroupsCallbacks
): Child {
  const { trans } = callbacks;
  const runs = groups.reduce((sum, group) => sum + group.runs.length, 0);
  return [
    h(
      'p',
      { class: 'jmlops-aside' },
      trans.__(
        '%1 of %2, equal in all but %3; mean ± standard deviation',
        trans._n('%1 group', '%1 groups', groups.length),
        runs < LOOKED_AT
          ? trans._n('%1 run', '%1 runs', runs)
          : trans.__('the newest %1 runs', runs.toLocaleString('en-US')),
        over === SEEDS ? trans.__('their seeds') : over
      )
    ),
    table(columns(groups, chosen, callbacks), groups, {
      caption: trans.__('Groups of runs'),
      keyOf: group => group.runs[0] ?? group.name,
      tall: true
    })
  ];
}

function columns(
  groups: readonly RunGroup[],
  chosen: ReadonlySet<string>,
  { choose, trans }: GroupsCallbacks
): readonly Column<RunGroup>[] {
  const names = (of: (group: RunGroup) => object): readonly string[] => [
    ...new Set(groups.flatMap(group => Object.keys(of(group))))
  ];
  const varying = names(group => group.params).filter(
    name => new Set(groups.map(group => JSON.stringify(group.params[name]))).size > 1
  );
  return [
    ...(choose ? [boxes(chosen, choose, trans)] : []),
    {
      name: 'name',
      title: trans.__('run'),
      cell: group => h('span', { class: 'jmlops-name', title: group.experiment }, group.name)
    },
    {
      name: 'runs',
      title: trans.__('runs'),
      numeric: true,
      cell: group => group.runs.length.toLocaleString('en-US')
    },
    ...(groups.some(group => group.trust) ? [worst(trans)] : []),
    ...varying.slice(0, MOST_PARAMS).map((name): Column<RunGroup> => {
      const said = toldApart(groups.map(group => group.params[name]));
      return {
        name: `params.${name}`,
        title: name,
        help: trans.__('parameter %1', name),
        numeric: groups.every(group => ['number', 'undefined'].includes(typeof group.params[name])),
        cell: group => said(group.params[name])
      };
    }),
    ...[...names(group => group.metrics)]
      .sort((one, other) => toldAt(one) - toldAt(other))
      .slice(0, MOST_METRICS)
      .map((name): Column<RunGroup> => ({
        name: `metrics.${name}`,
        title: name,
        help: trans.__('metric %1', name),
        numeric: true,
        cell: group => spread(group.metrics[name], trans)
      }))
  ];
}

/** A group is as good as the worst of its runs. */
const worst = (trans: Translation): Column<RunGroup> => ({
  name: 'grade',
  title: trans.__('worst grade'),
  help: trans.__('The worst grade among the runs of the group'),
  cell: group => (group.trust ? trustBadges(group.trust, trans) : '–')
});

/** `41.2 ± 0.6`: no run alone has a deviation. */
function spread(found: Spread | undefined, trans: Translation): Child {
  if (!found) {
    return '–';
  }
  const { count, mean, deviation, minimum, maximum } = found;
  const title = trans.__(
    '%1 over %2 runs, from %3 to %4',
    String(mean),
    count,
    String(minimum),
    String(maximum)
  );
  return h(
    'span',
    { title },
    shortNumber(mean),
    deviation === null ? null : h('span', { class: 'jmlops-aside' }, ` ± ${shortNumber(deviation)}`)
  );
}

function boxes(
  chosen: ReadonlySet<string>,
  choose: (runs: readonly string[], chosen: boolean) => void,
  trans: Translation
): Column<RunGroup> {
  return {
    name: 'choose',
    title: '',
    cell: (group): Drawn =>
      h('input', {
        type: 'checkbox',
        'aria-label': trans.__('Choose the runs of %1', group.name),
        checked: group.runs.every(run => chosen.has(run)),
        on: {
          change: event => {
            choose(group.runs, event.target instanceof HTMLInputElement && event.target.checked);
          }
        }
      })
  };
}
