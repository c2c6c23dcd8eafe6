/** Runs as a table: one page of those that answer a query, in an order, and which of them are chosen. */

import type { IMlopsClient, IMlopsWatch } from '../tokens';
import type { Event, Run, RunGroup } from '../wire';
import { Loading } from './loading';

const PAGE = 100;

export class TableModel extends Loading {
  query = '';
  order = '';
  archived = false;
  runs: readonly Run[] | undefined;
  total = 0;
  busy = false;
  columns: ReadonlySet<string> | null = null;
  /** One line for runs that differ in their seeds only; null: a line each. */
  groups: readonly RunGroup[] | null = null;
  readonly chosen = new Set<string>();
  private next: string | null = null;
  /** The pages before this one: where each began, and how many runs stood on it. */
  private turned: readonly { readonly cursor: string | null; readonly length: number }[] = [];
  private cursor: string | null = null;

  constructor(
    client: IMlopsClient,
    watch: IMlopsWatch,
    private readonly home: string = watch.place
  ) {
    super(client, watch);
  }

  /** How many runs stand on the pages before. */
  get before(): number {
    return this.turned.reduce((sum, { length }) => sum + length, 0);
  }

  get more(): boolean {
    return this.next !== null;
  }

  async refresh(): Promise<void> {
    const { query, order, archived, cursor } = this;
    const grouped = this.groups !== null;
    await this.load(
      () =>
        Promise.all([
          this.client.call('run.find', { query, order, archived, cursor, limit: PAGE }, this.home),
          grouped ? this.client.call('run.group', { query }, this.home) : null
        ]),
      ([page, groups]) => {
        this.groups = groups;
        this.runs = page.items;
        this.total = page.total;
        this.next = page.cursor;
      }
    );
  }

  group(grouped: boolean): Promise<void> {
    this.groups = grouped ? [] : null;
    return this.first();
  }

  search(query: string, archived: boolean): Promise<void> {
    this.query = query.trim();
    this.archived = archived;
    return this.first();
  }

  orderBy(order: string): Promise<void> {
    this.order = order;
    return this.first();
  }

  async turnOver(forward: boolean): Promise<void> {
    if (forward && this.next !== null) {
      this.turned = [...this.turned, { cursor: this.cursor, length: this.runs?.length ?? 0 }];
      this.cursor = this.next;
    } else if (!forward) {
      this.cursor = this.turned[this.turned.length - 1]?.cursor ?? null;
      this.turned = this.turned.slice(0, -1);
    }
    this.busy = true;
    this.tell();
    await this.refresh();
    this.busy = false;
    this.tell();
  }

  choose(runs: readonly string[], chosen: boolean): void {
    runs.forEach(run => (chosen ? this.chosen.add(run) : this.chosen.delete(run)));
    this.tell();
  }

  chooseNone(): void {
    this.chosen.clear();
    this.tell();
  }

  name(columns: ReadonlySet<string> | null): void {
    this.columns = columns;
    this.tell();
  }

  /** The chosen runs, of those seen here the older first: what came later is compared with what was there. */
  get chosenIds(): readonly string[] {
    const started = new Map(this.runs?.map(run => [run.id, Date.parse(run.started)]));
    return [...this.chosen].sort((a, b) => (started.get(a) ?? 0) - (started.get(b) ?? 0));
  }

  tagChosen(tags: Readonly<Record<string, string>>): Promise<boolean> {
    return this.change(() =>
      Promise.all([...this.chosen].map(run => this.client.call('run.tag', { run, tags }, this.home)))
    );
  }

  archiveChosen(): Promise<boolean> {
    const archived = !this.archived;
    return this.change(async () => {
      const all = [...this.chosen].map(run => this.client.call('run.archive', { run, archived }, this.home));
      await Promise.all(all);
      this.chosen.clear();
    });
  }

  rename(run: string, name: string): Promise<boolean> {
    return this.change(() => this.client.call('run.rename', { run, name }, this.home));
  }

  private first(): Promise<void> {
    this.turned = [];
    this.cursor = null;
    return this.refresh();
  }

  protected forget(): void {
    // A table is of one workspace, whatever notebook is opened next.
  }

  protected concerns(events: readonly Event[]): boolean {
    return (
      events.some(event => event.kind.startsWith('run.')) ||
      (this.runs ?? []).some(run => run.status === 'running')
    );
  }
}
