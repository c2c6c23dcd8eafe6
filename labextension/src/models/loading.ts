/** What every model here is: something read from the server, with its failure, and one signal. */

import { Signal, type ISignal } from '@lumino/signaling';
import type { IDisposable } from '@lumino/disposable';
import { failureOf } from '../door';
import type { IMlopsClient, IMlopsWatch } from '../tokens';
import type { Event, Failure, Operations } from '../wire';

export { failureOf };

/** Whether *event* says that one of these *runs* is to be trusted otherwise than it was. */
export const isRegraded = (event: Event, runs: readonly (string | null)[]): boolean =>
  (event.kind === 'run.graded' || event.kind === 'run.document_settled') && runs.includes(event.subject);

export abstract class Loading {
  /** Why nothing could be read. */
  failure: Failure | null = null;
  /** Why the last change was refused; it stays until another is tried. */
  refusal: Failure | null = null;
  private readonly signal = new Signal<this, void>(this);
  private turn = 0;
  private reading = false;
  /** Something has happened since the reading at work began. */
  private again = false;

  constructor(
    protected readonly client: IMlopsClient,
    readonly watch: IMlopsWatch
  ) {}

  get changed(): ISignal<this, void> {
    return this.signal;
  }

  /** Read again. */
  abstract refresh(): Promise<void>;

  /** Forget what was read: it may be another workspace's. */
  protected abstract forget(): void;

  /** Whether these lines of the ledger (none: only time has passed) make what is shown old. */
  protected abstract concerns(events: readonly Event[]): boolean;

  /** Keep up with the workspace until the answer is disposed. */
  attend(): IDisposable {
    const looked = (_: IMlopsWatch, events: readonly Event[]): void => {
      if (!this.failure && !this.concerns(events)) {
        return;
      }
      // A reading that takes longer than the time between two looks would else be overtaken for ever.
      if (this.reading) {
        // What only time has changed can wait for the next look: a slow server needs its pause.
        this.again ||= events.length > 0;
      } else {
        void this.refresh();
      }
    };
    const moved = (): void => {
      this.forget();
      this.tell();
      void this.refresh();
    };
    this.watch.looked.connect(looked);
    this.watch.moved.connect(moved);
    const attention = this.watch.attend();
    void this.refresh();
    return {
      isDisposed: false,
      dispose: () => {
        this.watch.looked.disconnect(looked);
        this.watch.moved.disconnect(moved);
        this.again = false;
        attention.dispose();
      }
    };
  }

  protected tell(): void {
    this.signal.emit();
  }

  protected call<K extends keyof Operations>(
    name: K,
    parameters: Operations[K]['parameters']
  ): Promise<Operations[K]['result']> {
    return this.client.call(name, parameters, this.watch.place);
  }

  /** Do *read* and keep its answer, unless a later reading has begun meanwhile. */
  protected async load<T>(read: () => Promise<T>, keep: (found: T) => void): Promise<void> {
    const turn = ++this.turn;
    this.reading = true;
    this.again = false;
    try {
      const found = await read();
      if (turn !== this.turn) {
        return;
      }
      this.failure = null;
      keep(found);
    } catch (error) {
      if (turn !== this.turn) {
        return;
      }
      this.failure = failureOf(error);
    }
    this.reading = false;
    this.tell();
    if (this.again) {
      void this.refresh();
    }
  }

  /** Do *write*, then read again; what went wrong is shown and nothing is thrown. */
  protected async change(write: () => Promise<unknown>): Promise<boolean> {
    this.refusal = null;
    try {
      await write();
    } catch (error) {
      this.refusal = failureOf(error);
      this.tell();
      return false;
    }
    await this.refresh();
    void this.watch.look();
    return true;
  }
}
