/** Follows one workspace's ledger from a cursor, only while somebody looks. */

import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';
import type { IMlopsClient, IMlopsWatch } from '../tokens';
import type { Event, WorkspaceState } from '../wire';

const PAGE = 1000;
const LONGEST_PAUSE = 60;

export class Watch implements IMlopsWatch {
  /** Seconds between two looks. */
  seconds = 3;
  pageSize = 50;
  place = '';
  workspace: WorkspaceState | null = null;
  private cursor: number | null = null;
  private attending = 0;
  private failures = 0;
  private turn = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private looking: Promise<void> | null = null;
  private readonly looks = new Signal<this, readonly Event[]>(this);
  private readonly moves = new Signal<this, string>(this);

  constructor(private readonly client: IMlopsClient) {}

  get looked(): ISignal<this, readonly Event[]> {
    return this.looks;
  }

  get moved(): ISignal<this, string> {
    return this.moves;
  }

  /** Look at the workspace of the notebook at *place* from now on. */
  moveTo(place: string): void {
    if (place === this.place) {
      return;
    }
    this.place = place;
    this.cursor = null;
    this.workspace = null;
    this.failures = 0;
    // Whoever looks from now on does not wait for what is said of the place that was left.
    this.turn += 1;
    this.looking = null;
    this.moves.emit(place);
    this.begin();
  }

  attend(): IDisposable {
    this.attending += 1;
    if (this.attending === 1) {
      document.addEventListener('visibilitychange', this.begin);
      this.begin();
    }
    let over = false;
    return {
      get isDisposed() {
        return over;
      },
      dispose: () => {
        if (!over) {
          over = true;
          this.attending -= 1;
          if (this.attending === 0) {
            document.removeEventListener('visibilitychange', this.begin);
            clearTimeout(this.timer);
          }
        }
      }
    };
  }

  look(): Promise<void> {
    if (!this.looking) {
      const look = this.lookOnce().finally(() => {
        if (this.looking === look) {
          this.looking = null;
          this.lookLater();
        }
      });
      this.looking = look;
    }
    return this.looking;
  }

  /** Look now where somebody can see it: nothing is asked for a page that is hidden. */
  private readonly begin = (): void => {
    clearTimeout(this.timer);
    if (this.attending > 0 && !document.hidden) {
      void this.look();
    }
  };

  private lookLater(): void {
    clearTimeout(this.timer);
    if (this.attending > 0 && !document.hidden) {
      // A server that does not answer is not helped by being asked more often.
      const pause = Math.min(this.seconds * 2 ** this.failures, Math.max(LONGEST_PAUSE, this.seconds));
      this.timer = setTimeout(this.begin, pause * 1000);
    }
  }

  private async lookOnce(): Promise<void> {
    const { place, turn } = this;
    try {
      // Until something is kept the state may change without a line in the ledger.
      const known = this.workspace?.kept ? this.workspace : await this.show(place);
      const events = await this.news(place);
      const old = known === this.workspace && events.length > 0;
      const workspace = old ? await this.show(place) : known;
      if (turn === this.turn) {
        this.workspace = workspace;
        this.failures = 0;
        this.cursor = events.at(-1)?.sequence ?? this.cursor ?? 0;
        this.looks.emit(events);
      }
    } catch {
      if (turn === this.turn) {
        this.failures = Math.min(this.failures + 1, 6);
        this.looks.emit([]);
      }
    }
  }

  private show(place: string): Promise<WorkspaceState> {
    return this.client.call('workspace.show', {}, place);
  }

  private news(place: string): Promise<readonly Event[]> {
    return this.cursor === null
      ? this.client.call('ledger.history', { newest: true, limit: 1 }, place)
      : this.client.call('ledger.history', { after: this.cursor, limit: PAGE }, place);
  }
}
