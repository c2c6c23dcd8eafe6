/** Runs in a notebook output: asked for, ordered, turned over page by page, chosen and compared. */

import { failureOf } from '../door';
import { coloursOf, drawComparison, type Picture } from '../views/compare';
import { draw, h } from '../views/draw';
import type { Grouped, Over } from '../views/groups';
import { drawRunsTable } from '../views/runstable';
import { untranslated } from '../views/words';
import type { Failure, Run, RunCurve, RunGroup } from '../wire';
import {
  bringing,
  failureOf as failureIn,
  filing,
  has,
  isComparison,
  listOf,
  picturesOf,
  textOf,
  widgetModule,
  type Behaviour,
  type WidgetModel
} from './host';

const isPage = (
  value: unknown
): value is { items: readonly Run[]; total: number; cursor?: string | null; asked?: readonly string[] } =>
  has(value, 'items', 'total') && Array.isArray(value.items);

/** What the kernel was asked, and how things stood then. */
interface Asked {
  readonly page: string;
  readonly record: unknown;
  error: string;
  /** What the kernel was at before is over. */
  readonly free: boolean;
  /** The kernel has begun: when it is done, so is this, also where the record is the same as before. */
  begun: boolean;
  readonly done: () => void;
}

/** Three drawings of their own: what a reader draws into a comparison is kept by the element that shows it. */
interface Parts {
  readonly rows: HTMLElement;
  readonly bar: HTMLElement;
  readonly comparison: HTMLElement;
}

class RunsOutput implements Behaviour {
  // What was asked last, also when it could not be read: the answer points into it.
  private asked: string | null = null;
  private over: Over = null;
  /** For chosen runs to be put into the archive, or out of it. */
  private leaving: Asked | null = null;
  /** Why the last message did not even leave. */
  private unsent: Failure | null = null;
  private columns: ReadonlySet<string> | null = null;
  private readonly chosen = new Set<string>();
  private readonly places = new WeakMap<HTMLElement, Parts>();

  constructor(
    private readonly model: WidgetModel,
    private readonly redraw: () => void
  ) {}

  draw(place: HTMLElement): void {
    const page = this.model.get('record');
    if (!isPage(page)) {
      return;
    }
    this.settle();
    const { rows, bar, comparison } = this.parts(place);
    drawRunsTable(
      rows,
      {
        runs: page.items,
        total: page.total,
        asked: page.asked,
        query: this.query,
        order: textOf(this.model, 'order'),
        before: Number(this.model.get('before') ?? 0), // the kernel says it together with the rows
        more: typeof page.cursor === 'string',
        archived: this.model.get('archived') === true,
        busy: this.model.get('busy') === true,
        failure: this.failure,
        chosen: this.chosen,
        columns: this.columns,
        wantedOver: this.over,
        grouped: this.grouped,
        curves: new Map(
          (listOf(this.model, 'sparks') as readonly RunCurve[]).map(curve => [curve.run, curve])
        ),
        colours: this.colours
      },
      {
        trans: untranslated,
        experiments: filing(this.model),
        search: (query, archived) => {
          this.asked = query;
          this.find(query, textOf(this.model, 'order'), archived);
        },
        order: order => {
          this.find(this.query, order, this.model.get('archived') === true);
        },
        turn: forward => {
          this.turn(forward, page.cursor ?? '');
        },
        choose: (runs, chosen) => {
          runs.forEach(run => (chosen ? this.chosen.add(run) : this.chosen.delete(run)));
          this.redraw();
        },
        group: over => {
          this.over = over;
          this.regroup(this.answered ? this.query : textOf(this.model, 'query'));
          this.redraw();
        },
        name: columns => {
          this.columns = columns;
          this.redraw();
        },
        compare: () => {
          this.send({ action: 'compare', runs: this.oldestFirst(page.items) });
        },
        tag: tags => {
          this.send({ action: 'tag', runs: [...this.chosen], tags });
        },
        archive: () => {
          const archived = this.model.get('archived') !== true;
          const runs = [...this.chosen];
          this.leaving = this.asking(() => {
            runs.forEach(run => this.chosen.delete(run));
          });
          this.send({ action: 'archive', runs, archived });
        },
        clear: () => {
          this.chosen.clear();
          this.redraw();
        }
      }
    );
    this.drawCompared(bar, comparison);
  }

  /** What stands in the field: what was asked last, else what the rows answer. */
  private get query(): string {
    return this.asked ?? textOf(this.model, 'query');
  }

  private get failure(): Failure | null {
    const problem = this.model.get('problem');
    // What could not be sent is newer than what the kernel said last.
    return this.unsent ?? failureIn(this.model, has(problem, 'column') ? problem : {});
  }

  /** Whether what was asked last is answered, or will be: to what could not be read there are neither rows nor groups. */
  private get answered(): boolean {
    // The kernel keeps the problem until another question is answered, also when its error is gone.
    const mistaken = has(this.model.get('problem'), 'column') && this.model.get('busy') !== true;
    return this.failure === null && !mistaken;
  }

  /** The groups, as soon as they are those of the rows that are here, over what was asked for last. */
  private get grouped(): Grouped | null {
    const [over, query] = [this.model.get('grouped_over'), this.model.get('grouped_query')];
    return over === this.over && typeof over === 'string' && query === textOf(this.model, 'query')
      ? { over, groups: listOf(this.model, 'groups') as readonly RunGroup[] }
      : null;
  }

  /** Of the runs compared below, in the table as in the comparison. */
  private get colours(): ReadonlyMap<string, number> | undefined {
    const comparison = this.model.get('compared');
    const curves = listOf(this.model, 'curves') as readonly Picture[];
    return isComparison(comparison) ? coloursOf({ comparison, curves }) : undefined;
  }

  private drawCompared(bar: HTMLElement, place: HTMLElement): void {
    const comparison = this.model.get('compared');
    if (!isComparison(comparison)) {
      draw(bar);
      draw(place);
      return;
    }
    const curves = listOf(this.model, 'curves') as readonly Picture[];
    drawComparison(
      place,
      { comparison, curves, pictures: picturesOf(this.model) },
      { trans: untranslated, points: bringing(this.model) }
    );
    draw(
      bar,
      h(
        'div',
        { class: 'jmlops jmlops-below' },
        h(
          'button',
          {
            type: 'button',
            class: 'jmlops-button',
            on: {
              click: () => {
                this.send({ action: 'compare', runs: [] });
              }
            }
          },
          untranslated.__('Close the comparison')
        )
      )
    );
  }

  /** What came later is compared with what was there; of runs on other pages nobody here knows when they were. */
  private oldestFirst(here: readonly Run[]): readonly string[] {
    const started = new Map(here.map(run => [run.id, Date.parse(run.started)]));
    return [...this.chosen].sort((a, b) => (started.get(a) ?? 0) - (started.get(b) ?? 0));
  }

  private find(query: string, order: string, archived: boolean): void {
    this.send({ action: 'find', query, order, archived });
    this.regroup(query);
  }

  /** Which page the rows are, and of which answer. */
  private get page(): string {
    return JSON.stringify(['query', 'order', 'archived', 'before', 'back'].map(name => this.model.get(name)));
  }

  private asking(done: () => void): Asked {
    return {
      page: this.page,
      record: this.model.get('record'),
      error: textOf(this.model, 'error'),
      free: this.model.get('busy') !== true,
      begun: false,
      done
    };
  }

  /** See whether what was asked for is done, or cannot be. */
  private settle(): void {
    this.leaving = this.settled(this.leaving);
  }

  private settled(asked: Asked | null): Asked | null {
    const error = textOf(this.model, 'error');
    const busy = this.model.get('busy') === true;
    // Another page is not this answer, nor is what comes while the kernel is at something asked before.
    if (asked && (!asked.free || asked.page !== this.page)) {
      return this.asking(asked.done);
    }
    if (!asked || (error !== '' && error !== asked.error)) {
      return null;
    }
    if (asked.record !== this.model.get('record') || (asked.begun && !busy)) {
      asked.done();
      return null;
    }
    asked.begun ||= busy;
    asked.error = error;
    return asked;
  }

  private regroup(query: string): void {
    if (this.over !== null) {
      this.send({ action: 'group', query, over: this.over });
    }
  }

  private turn(forward: boolean, next: string): void {
    // A page belongs to the query that the rows answer, whatever else was tried meanwhile.
    this.asked = null;
    this.send({
      action: 'find',
      query: textOf(this.model, 'query'),
      order: textOf(this.model, 'order'),
      archived: this.model.get('archived') === true,
      cursor: forward ? next : textOf(this.model, 'back')
    });
    this.redraw();
  }

  private send(message: object): void {
    const before = this.unsent;
    try {
      this.model.send(message);
      this.unsent = null;
    } catch (error) {
      // Nothing comes of it.
      this.leaving = null;
      this.unsent = failureOf(error);
    }
    if (this.unsent !== before) {
      this.redraw();
    }
  }

  private parts(place: HTMLElement): Parts {
    const known = this.places.get(place);
    if (known) {
      return known;
    }
    const box = (): HTMLElement => document.createElement('div');
    const parts = { rows: box(), bar: box(), comparison: box() };
    place.replaceChildren(parts.rows, parts.bar, parts.comparison);
    this.places.set(place, parts);
    return parts;
  }
}

export default widgetModule((model, redraw) => new RunsOutput(model, redraw));
