/** A notebook about to be run as a job: its parameters, what was typed for them, and the start. */

import { Signal, type ISignal } from '@lumino/signaling';
import type { IMlopsClient } from '../tokens';
import type { Failure, Job, Parameter } from '../wire';
import { failureOf } from './loading';

export interface Launchable {
  /** The notebook's path, as the server names it. */
  readonly path: string;
  /** Put what is on the screen into the file. */
  save(): Promise<void>;
}

export class LaunchModel {
  parameters: readonly Parameter[] | undefined;
  typed: Readonly<Record<string, string>> = {};
  experiment = '';
  register = '';
  failure: Failure | null = null;
  busy = false;
  private readonly signal = new Signal<this, void>(this);

  constructor(
    private readonly client: IMlopsClient,
    readonly notebook: Launchable
  ) {}

  get changed(): ISignal<this, void> {
    return this.signal;
  }

  /** Read the parameters of the notebook as it is on the screen now. */
  async read(): Promise<void> {
    await this.attempt(async () => {
      const { path } = this.notebook;
      await this.notebook.save();
      this.parameters = await this.client.call('job.inspect', { notebook: path }, path);
    });
  }

  type(name: string, text: string): void {
    this.typed = { ...this.typed, [name]: text };
    this.signal.emit();
  }

  /** Submit the job with these values; null where it was refused. */
  async start(parameters: Readonly<Record<string, unknown>>): Promise<Job | null> {
    let job: Job | null = null;
    await this.attempt(async () => {
      const { path } = this.notebook;
      const { experiment, register } = this;
      await this.notebook.save();
      job = await this.client.call(
        'job.submit',
        {
          notebook: path,
          parameters,
          ...(experiment.trim() ? { experiment: experiment.trim() } : {}),
          ...(register.trim() ? { register_as: register.trim(), review_for: 'champion' } : {})
        },
        path
      );
    });
    return job;
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.failure = null;
    this.signal.emit();
    try {
      await work();
    } catch (error) {
      this.failure = failureOf(error);
    }
    this.busy = false;
    this.signal.emit();
  }
}
