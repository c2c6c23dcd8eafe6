/** Models with their versions and aliases. */

import type { Alias, Event, Model, ModelVersion, Review } from '../wire';
import { Loading } from './loading';

export interface Shelf {
  readonly model: Model;
  readonly versions: readonly ModelVersion[];
  readonly aliases: readonly Alias[];
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

  refresh(): Promise<void> {
    return this.load(
      () =>
        Promise.all([
          this.call('model.find', { limit: MOST }),
          this.call('version.find', { limit: MOST }),
          this.call('alias.find', { limit: MOST })
        ]),
      ([models, versions, aliases]) => {
        this.shelves = shelved(models.items, versions.items, aliases.items);
      }
    );
  }

  /** The review of a version: the one there is, else a new one. */
  openReview(reference: string): Promise<Review> {
    return this.call('review.open', { reference });
  }

  protected forget(): void {
    this.shelves = undefined;
  }

  protected concerns(events: readonly Event[]): boolean {
    return events.some(event => /^(model|version|alias|review)\./.test(event.kind));
  }
}
