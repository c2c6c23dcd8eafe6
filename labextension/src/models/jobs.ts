/** The jobs of a workspace, newest first. */

import type { Event, Job } from '../wire';
import { isRegraded, Loading } from './loading';

const AT_WORK = new Set<Job['status']>(['queued', 'claimed', 'starting', 'running']);

export class JobsModel extends Loading {
  jobs: readonly Job[] | undefined;
  total = 0;
  private shown = 0;

  refresh(): Promise<void> {
    const limit = Math.max(this.watch.pageSize, this.shown);
    return this.load(
      () => this.call('job.find', { limit }),
      page => {
        this.jobs = page.items;
        this.total = page.total;
      }
    );
  }

  more(): Promise<void> {
    this.shown = (this.jobs?.length ?? 0) + this.watch.pageSize;
    return this.refresh();
  }

  cancel(job: string): Promise<boolean> {
    return this.change(() => this.call('job.cancel', { job }));
  }

  protected forget(): void {
    this.jobs = undefined;
    this.total = 0;
  }

  protected concerns(events: readonly Event[]): boolean {
    return (
      events.some(
        event =>
          event.kind.startsWith('job.') ||
          isRegraded(
            event,
            (this.jobs ?? []).map(job => job.run)
          )
      ) ||
      // Cells are progress, not events.
      (this.jobs ?? []).some(job => AT_WORK.has(job.status))
    );
  }
}
