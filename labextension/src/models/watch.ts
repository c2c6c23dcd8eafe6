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
    this.moves.emit(place);
    if (this.attending > 0) {
      void this.look();
    }
  }

  attend(): IDisposable {
    this.attending += 1;
    if (this.attending === 1) {
      void this.look();
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
            clearTimeout(this.timer);
          }
        }
      }
    };
  }

  look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = null;
      this.lookLater();
    });
    return this.looking;
  }

  private lookLater(): void {
    clearTimeout(this.timer);
    if (this.attending > 0) {
      // A server that does not answer is not helped by being asked more often.
      const pause = Math.min(this.seconds * 2 ** this.failures, Math.max(LONGEST_PAUSE, this.seconds));
      this.timer = setTimeout(() => void this.look(), pause * 1000);
    }
  }

  private async lookOnce(): Promise<void> {
    const { place } = this;
    try {
      const workspace = this.workspace ?? (await this.client.call('workspace.show', {}, place));
      const events = await this.news(place);
      if (place === this.place) {
        this.workspace = workspace;
        this.failures = 0;
        this.cursor = events.at(-1)?.sequence ?? this.cursor ?? 0;
        this.looks.emit(events);
      }
    } catch {
      this.failures = Math.min(this.failures + 1, 6);
      this.looks.emit([]);
    }
  }

  private news(place: string): Promise<readonly Event[]> {
    return this.cursor === null
      ? this.client.call('ledger.history', { newest: true, limit: 1 }, place)
      : this.client.call('ledger.history', { after: this.cursor, limit: PAGE }, place);
  }
}
