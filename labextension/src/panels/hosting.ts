/** A Lumino widget that hosts a view: it looks while it is seen, and draws when there is something new. */

import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import type { Loading } from '../models/loading';

export abstract class Hosting<M extends Loading> extends Widget {
  private attention: IDisposable | null = null;

  constructor(
    readonly model: M,
    protected readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-jmlops-host');
    model.changed.connect(this.update, this);
    // "3 min ago" ages by itself.
    model.watch.looked.connect(this.update, this);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.rest();
      this.model.changed.disconnect(this.update, this);
      this.model.watch.looked.disconnect(this.update, this);
      super.dispose();
    }
  }

  /** Draw the model into the node. */
  protected abstract draw(): void;

  protected override onUpdateRequest(): void {
    if (this.isVisible) {
      this.draw();
    }
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.wake();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.wake();
  }

  protected override onBeforeHide(message: Message): void {
    this.rest();
    super.onBeforeHide(message);
  }

  protected override onBeforeDetach(message: Message): void {
    this.rest();
    super.onBeforeDetach(message);
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.node.tabIndex = -1;
    this.node.focus();
  }

  private wake(): void {
    if (this.isVisible && !this.attention) {
      this.attention = this.model.attend();
      this.draw();
    }
  }

  private rest(): void {
    this.attention?.dispose();
    this.attention = null;
  }
}
