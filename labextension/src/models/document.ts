/**
 * Tells a kernel the order of its notebook's cells, which the kernel cannot see: once when it asks, and again
 * before each execution, on the same channel, so that the answer is there when the cell begins.
 */

import { DOCUMENT_TARGET } from '../tokens';

/** A comm as far as it is used here. */
export interface DocumentComm {
  readonly commId: string;
  readonly isDisposed: boolean;
  send(data: { readonly order: string[]; readonly path: string; readonly answer?: true }): unknown;
  onClose: (message: never) => void | PromiseLike<void>;
}

/** A kernel connection as far as it is used here. */
export interface DocumentKernel {
  registerCommTarget(target: string, opened: (comm: DocumentComm) => void): void;
  removeCommTarget(target: string, opened: (comm: DocumentComm) => void): void;
  /** The comms of this target the kernel already has; a page that was reloaded finds its own again. */
  openComms(target: string): Promise<readonly DocumentComm[]>;
}

export interface DocumentState {
  /** Ids of the cells, top to bottom. */
  order(): string[];
  path(): string;
}

export class DocumentReporter {
  private comms: DocumentComm[] = [];
  private kernel: DocumentKernel | null = null;

  constructor(private readonly document: DocumentState) {}

  /** Serve *kernel* from now on, and no other. */
  async serve(kernel: DocumentKernel | null): Promise<void> {
    this.leave();
    this.kernel = kernel;
    if (!kernel) {
      return;
    }
    kernel.registerCommTarget(DOCUMENT_TARGET, this.asked);
    const found = await kernel.openComms(DOCUMENT_TARGET).catch(() => []);
    if (this.kernel === kernel) {
      // Asked by another page, of another time: what is said to them is no answer.
      found.forEach(comm => {
        this.hold(comm);
        comm.send(this.state());
      });
    }
  }

  /** Say what stands where, to whoever in this kernel asked. */
  report(): void {
    this.comms = this.comms.filter(comm => !comm.isDisposed);
    if (this.comms.length === 0) {
      return;
    }
    const state = this.state();
    for (const comm of this.comms) {
      comm.send(state);
    }
  }

  leave(): void {
    this.kernel?.removeCommTarget(DOCUMENT_TARGET, this.asked);
    this.kernel = null;
    this.comms = [];
  }

  private state(): { order: string[]; path: string } {
    return { order: this.document.order(), path: this.document.path() };
  }

  private readonly asked = (comm: DocumentComm): void => {
    this.hold(comm);
    comm.send({ ...this.state(), answer: true });
  };

  private hold(comm: DocumentComm): void {
    this.comms = [...this.comms.filter(other => other.commId !== comm.commId), comm];
    comm.onClose = () => {
      this.comms = this.comms.filter(other => other !== comm);
    };
  }
}
