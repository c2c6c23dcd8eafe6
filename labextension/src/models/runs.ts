/** The runs a query answers with, and which of them are chosen. */

import type { Event, Experiment, Run } from '../wire';
import { Loading } from './loading';

export class RunsModel extends Loading {
  query = '';
  archived = false;
  runs: readonly Run[] | undefined;
  total = 0;
  readonly chosen = new Set<string>();
  private shown = 0;

  refresh(): Promise<void> {
    const { query, archived } = this;
    const limit = Math.max(this.watch.pageSize, this.shown);
    return this.load(
      () => this.call('run.find', { query, archived, limit }),
      page => {
        this.runs = page.items;
        this.total = page.total;
        const there = new Set(page.items.map(run => run.id));
        for (const id of this.chosen) {
          if (!there.has(id)) {
            this.chosen.delete(id);
          }
        }
      }
    );
  }

  search(query: string, archived = this.archived): Promise<void> {
    this.query = query.trim();
    this.archived = archived;
    this.shown = 0;
    return this.refresh();
  }

  experiments(): Promise<readonly Experiment[]> {
    return this.call('run.experiments', { archived: this.archived });
  }

  more(): Promise<void> {
    this.shown = (this.runs?.length ?? 0) + this.watch.pageSize;
    return this.refresh();
  }

  choose(run: string, chosen: boolean): void {
    if (chosen) {
      this.chosen.add(run);
    } else {
      this.chosen.delete(run);
    }
    this.tell();
  }

  /** The chosen runs, the older first: what came later is compared with what was there. */
  get chosenRuns(): readonly Run[] {
    return [...(this.runs ?? [])]
      .filter(run => this.chosen.has(run.id))
      .sort((a, b) => Date.parse(a.started) - Date.parse(b.started));
  }

  tagChosen(tags: Readonly<Record<string, string>>): Promise<boolean> {
    return this.change(() =>
      Promise.all(this.chosenRuns.map(({ id }) => this.call('run.tag', { run: id, tags })))
    );
  }

  rename(run: string, name: string): Promise<boolean> {
    return this.change(() => this.call('run.rename', { run, name }));
  }

  archiveChosen(): Promise<boolean> {
    const archived = !this.archived;
    return this.change(async () => {
      await Promise.all(this.chosenRuns.map(({ id }) => this.call('run.archive', { run: id, archived })));
      this.chosen.clear();
    });
  }

  protected forget(): void {
    this.runs = undefined;
    this.total = 0;
    this.chosen.clear();
  }

  protected concerns(events: readonly Event[]): boolean {
    return (
      events.some(event => event.kind.startsWith('run.')) ||
      (this.runs ?? []).some(run => run.status === 'running')
    );
  }
}
