/** What a run ran with: one line of interpreter and machine, and behind a click every package with its version. */

import type { Environment } from '../wire';
import { h, type Child, type Drawn } from './draw';
import { ENVIRONMENT, fold, type FactsCallbacks, type FactsRecord } from './facts';
import { fileList } from './files';
import type { Translation } from './words';

/** The fold of the card, with the list as a file where the run has it; nothing where nothing is known. */
export function environment(
  { beside, artifacts = [] }: FactsRecord,
  { trans, look }: FactsCallbacks
): Drawn | null {
  const found = beside?.environment;
  if (!found) {
    return null;
  }
  const files = artifacts.filter(({ name }) => name === ENVIRONMENT);
  return fold(trans.__('environment'), line(found, trans), [
    h(
      'ul',
      { class: 'jmlops-indented jmlops-packages', 'aria-label': trans.__('Packages') },
      Object.entries(found.packages).map(([name, version]) =>
        h(
          'li',
          { key: name, title: `${name} ${version}` },
          name,
          ' ',
          h('span', { class: 'jmlops-aside' }, version)
        )
      )
    ),
    files.length ? fileList(files, look, trans) : null
  ]);
}

function line({ python, platform, processor, cpus, gpus, packages }: Environment, trans: Translation): Child {
  const machine = [processor, cpus ? trans._n('%1 CPU', '%1 CPUs', cpus) : ''].filter(Boolean).join(', ');
  const parts = [
    `Python ${python}`,
    platform,
    machine,
    several(gpus),
    trans._n('%1 package', '%1 packages', Object.keys(packages).length)
  ];
  return parts.filter(Boolean).join(' · ');
}

/** Several of a kind are counted, as a machine has them. */
const several = (names: readonly string[]): string =>
  [...new Set(names)]
    .map(name => [name, names.filter(other => other === name).length] as const)
    .map(([name, count]) => (count > 1 ? `${count} × ${name}` : name))
    .join(', ');
