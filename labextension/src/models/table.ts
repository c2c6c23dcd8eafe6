/** Runs as a table: one page of those that answer a query, in an order, and which of them are chosen. */

import type { IMlopsClient, IMlopsWatch } from '../tokens';
import type { Event, Experiment, Run, RunCurve, RunGroup } from '../wire';
import { Loading } from './loading';

/** Where a page begins, and the pages before it: where each began, and how many runs stood on it. */
interface Place {
  readonly cursor: string | null;
  readonly turned: readonly { readonly cursor: string | null; readonly length: number }[];
}

const FIRST: Place = { cursor: null, turned: [] };
const PAGE = 100;
const ASKED = 50; // runs in one question: a server reads a hundred words of an address

export class TableModel extends Loading {
  query = '';
  order = '';
  archived = false;
  runs: readonly Run[] | undefined;
  total = 0;
  /** The metrics and parameters that the page was filtered and ordered by. */
  asked: readonly string[] = [];
  busy = false;
  columns: ReadonlySet<string> | null = null;
  /** What a reader wants runs to be grouped over: a parameter; empty: their seeds; null: a line for each run. */
  wantedOver: string | null = null;
  /** The groups that were answered last, with what they were asked over; null: none. */
  grouped: { readonly over: string; readonly groups: readonly RunGroup[] } | null = null;
  /** The curves of the runs of this page that have one, by run. */
  curves: ReadonlyMap<string, RunCurve> = new Map();
  readonly chosen = new Set<string>();
  private next: string | null = null;
  /** Of the rows that are here. */
  private at = FIRST;
  /** Of the rows that were asked for last: what is read again, also where it could not be read yet. */
  private wanted = FIRST;
  /** Of runs that have ended: their curve, or that they have none. */
  private readonly known = new Map<string, RunCurve | null>();

  constructor(
    client: IMlopsClient,
    watch: IMlopsWatch,
    private readonly home: string = watch.place
  ) {
    super(client, watch);
  }

  /** How many runs stand on the pages before. */
  get before(): number {
    return this.at.turned.reduce((sum, { length }) => sum + length, 0);
  }

  get more(): boolean {
    return this.next !== null;
  }

  async refresh(): Promise<void> {
    const { query, order, archived, wanted } = this;
    const { cursor } = wanted;
    const { wantedOver: over } = this;
    await this.load(
      async () => {
        const [page, groups] = await Promise.all([
          this.client.call('run.find', { query, order, archived, cursor, limit: PAGE }, this.home),
          over === null
            ? null
            : this.client.call('run.group', { query, over: over ? [over] : undefined }, this.home)
        ]);
        return [page, groups, await this.curvesOf(page.items)] as const;
      },
      ([page, groups, curves]) => {
        this.at = wanted;
        this.curves = curves;
        this.grouped = over === null || groups === null ? null : { over, groups };
        this.runs = page.items;
        this.total = page.total;
        this.asked = page.asked;
        this.next = page.cursor;
      }
    );
  }

  /** A table without curves is better than none: a run may have been deleted meanwhile. */
  private async curvesOf(runs: readonly Run[]): Promise<ReadonlyMap<string, RunCurve>> {
    const asked = runs.filter(({ id }) => !this.known.has(id)).map(({ id }) => id);
    const parts = Array.from({ length: Math.ceil(asked.length / ASKED) }, (_, part) =>
      this.client.call('run.curves', { runs: asked.slice(part * ASKED, (part + 1) * ASKED) }, this.home)
    );
    const found = await Promise.all(parts).then(
      all => all.flat(),
      () => null
    );
    const curves = new Map(found?.map(curve => [curve.run, curve]));
    for (const run of runs) {
      const curve = curves.get(run.id) ?? this.known.get(run.id);
      if (curve) {
        curves.set(run.id, curve);
      }
      if (found && run.ended !== null) {
        this.known.set(run.id, curve ?? null);
      }
    }
    return curves;
  }

  experiments(): Promise<readonly Experiment[]> {
    return this.client.call('run.experiments', { archived: this.archived }, this.home);
  }

  group(over: string | null): Promise<void> {
    this.wantedOver = over;
    if (over === null) {
      this.grouped = null;
    }
    this.tell();
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
    if (forward && this.next === null) {
      return;
    }
    const { cursor, turned } = this.at;
    this.wanted = forward
      ? { cursor: this.next, turned: [...turned, { cursor, length: this.runs?.length ?? 0 }] }
      : { cursor: turned.at(-1)?.cursor ?? null, turned: turned.slice(0, -1) };
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
      const runs = [...this.chosen]; // others may be chosen meanwhile
      await Promise.all(runs.map(run => this.client.call('run.archive', { run, archived }, this.home)));
      runs.forEach(run => this.chosen.delete(run));
    });
  }

  rename(run: string, name: string): Promise<boolean> {
    return this.change(() => this.client.call('run.rename', { run, name }, this.home));
  }

  private first(): Promise<void> {
    this.wanted = FIRST;
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
