/** Models with their versions and aliases. */

import type { Alias, Event, Model, ModelVersion } from '../wire';
import { isRegraded, Loading } from './loading';

export interface Shelf {
  readonly model: Model;
  readonly versions: readonly ModelVersion[];
  readonly aliases: readonly Alias[];
}

/** How many there are of what is only shown in part. */
export interface Cut {
  readonly of: 'models' | 'versions' | 'aliases';
  readonly shown: number;
  readonly total: number;
}

const MOST = 1000;

/** Put versions and aliases to their models, versions newest first. */
export function shelved(
  models: readonly Model[],
  versions: readonly ModelVersion[],
  aliases: readonly Alias[]
): readonly Shelf[] {
  return models.map(model => ({
    model,
    versions: versions.filter(version => version.model === model.name).sort((a, b) => b.version - a.version),
    aliases: aliases.filter(alias => alias.model === model.name)
  }));
}

export class ModelsModel extends Loading {
  shelves: readonly Shelf[] | undefined;
  cut: readonly Cut[] = [];
  /** The versions that have been put up for review, as `pm25:2`; undefined where nobody says. */
  reviewed: ReadonlySet<string> | undefined;

  refresh(): Promise<void> {
    return this.load(
      () =>
        Promise.all([
          this.call('model.find', { limit: MOST }),
          this.call('version.find', { limit: MOST }),
          this.call('alias.find', { limit: MOST }),
          // The ledger's line is short; the reviews themselves come with all of their evidence.
          this.call('ledger.history', { kind: 'review.opened', newest: true, limit: MOST }).catch(() => null)
        ]),
      ([models, versions, aliases, opened]) => {
        this.shelves = shelved(models.items, versions.items, aliases.items);
        // Where the ledger tells of more than was asked for, one that is not among them may have been opened before.
        this.reviewed =
          opened && opened.length < MOST ? new Set(opened.map(event => event.subject)) : undefined;
        this.cut = Object.entries({ models, versions, aliases })
          .map(([of, { items, total }]) => ({ of: of as Cut['of'], shown: items.length, total }))
          .filter(({ shown, total }) => total > shown);
      }
    );
  }

  protected forget(): void {
    this.shelves = undefined;
    this.reviewed = undefined;
    this.cut = [];
  }

  protected concerns(events: readonly Event[]): boolean {
    const runs = (this.shelves ?? []).flatMap(shelf => shelf.versions.map(version => version.run));
    return events.some(
      event => /^(model|version|alias|review)\./.test(event.kind) || isRegraded(event, runs)
    );
  }
}
