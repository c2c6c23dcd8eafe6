/** "Run as job": a form above the notebook it is about. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { MessageLoop, type Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import type { LaunchModel } from '../models/launch';
import { drawForm, readForm } from '../views/form';
import type { Job } from '../wire';

export interface LaunchActions {
  readonly started: (job: Job) => void;
  /** The form goes away with the reader's focus in it. */
  readonly left: () => void;
}

export class LaunchPanel extends Widget {
  constructor(
    readonly model: LaunchModel,
    private readonly trans: TranslationBundle,
    private readonly actions: LaunchActions
  ) {
    super();
    this.addClass('jp-jmlops-launch');
    model.changed.connect(this.update, this);
    void model.read();
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    const focused = this.node.contains(document.activeElement);
    this.model.changed.disconnect(this.update, this);
    super.dispose();
    if (focused) {
      this.actions.left();
    }
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.draw();
  }

  protected override onUpdateRequest(): void {
    const empty = this.node.querySelector('input') === null;
    this.draw();
    if (empty) {
      this.node.querySelector<HTMLElement>('input, select')?.focus();
    }
  }

  /** A box layout gives a widget the height it asks for, and this one's content grows and shrinks. */
  private claimHeight(): void {
    const content = this.node.firstElementChild?.getBoundingClientRect().height ?? 0;
    const height = `${Math.ceil(Math.min(content + 16, window.innerHeight / 2))}px`;
    if (this.parent && this.node.style.minHeight !== height) {
      this.node.style.minHeight = height;
      MessageLoop.postMessage(this.parent, Widget.Msg.FitRequest);
    }
  }

  private draw(): void {
    const { model, trans } = this;
    drawForm(
      this.node,
      {
        notebook: model.notebook.path.split('/').pop() ?? model.notebook.path,
        parameters: model.parameters,
        typed: model.typed,
        experiment: model.experiment,
        register: model.register,
        failure: model.failure,
        busy: model.busy
      },
      {
        trans,
        type: (name, text) => {
          model.type(name, text);
        },
        experiment: text => {
          model.experiment = text;
        },
        register: text => {
          model.register = text;
        },
        start: () => void this.start(),
        close: () => {
          this.dispose();
        }
      }
    );
    this.claimHeight();
  }

  private async start(): Promise<void> {
    const { values, errors } = readForm(this.model.parameters ?? [], this.model.typed, this.trans);
    if (Object.keys(errors).length > 0 || this.model.busy) {
      return;
    }
    const job = await this.model.start(values);
    if (job) {
      this.dispose();
      this.actions.started(job);
    }
  }
}
