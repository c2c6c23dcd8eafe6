/** The jobs of a workspace, newest first. */

import type { Event, Fix, Job, SweepReport } from '../wire';
import { failureOf, isRegraded, Loading } from './loading';

const AT_WORK = new Set<Job['status']>(['queued', 'claimed', 'starting', 'running']);

export class JobsModel extends Loading {
  jobs: readonly Job[] | undefined;
  total = 0;
  /** What was found to help, by job; nothing of it has been done. */
  readonly fixes = new Map<string, Fix>();
  /** The trials of sweeps, of those that somebody wants to see. */
  readonly trials = new Map<string, SweepReport>();
  private shown = 0;
  /** The job somebody came for: it is listed also where it is older than the rest. */
  private wanted: string | null = null;

  refresh(): Promise<void> {
    const limit = Math.max(this.watch.pageSize, this.shown);
    return this.load(
      async () => {
        // A trial stands with its sweep.
        const { items, total } = await this.call('job.find', { query: "sweep = ''", limit });
        await Promise.all([...this.trials.keys()].map(job => this.readTrials(job)));
        return { items: await this.withWanted(items), total };
      },
      page => {
        this.jobs = page.items;
        this.total = page.total;
      }
    );
  }

  /** List *job*, however old it is. */
  want(job: string): Promise<void> {
    this.wanted = job;
    this.refusal = null;
    return this.refresh();
  }

  more(): Promise<void> {
    this.shown = (this.jobs?.length ?? 0) + this.watch.pageSize;
    return this.refresh();
  }

  cancel(job: string): Promise<boolean> {
    return this.change(() => this.call('job.cancel', { job }));
  }

  retry(job: string): Promise<boolean> {
    this.fixes.delete(job);
    return this.change(() => this.call('job.retry', { job }));
  }

  /** Ask what would help a job that failed; where *apply* says so, do it. */
  fix(job: string, apply = false): Promise<boolean> {
    return this.change(async () => {
      const found = await this.call('job.fix', { job, apply });
      if (found.applied) {
        this.fixes.delete(job);
      } else {
        this.fixes.set(job, found);
      }
    });
  }

  /** Show the trials of a sweep, or hide them again. */
  showTrials(job: string): Promise<boolean> {
    return this.change(async () => {
      if (!this.trials.delete(job)) {
        await this.readTrials(job);
      }
    });
  }

  private async readTrials(job: string): Promise<void> {
    try {
      this.trials.set(job, await this.call('job.trials', { job }));
    } catch (error) {
      // One sweep whose trials cannot be read must not keep the other jobs from being listed.
      this.trials.delete(job);
      this.refusal = failureOf(error);
    }
  }

  protected forget(): void {
    this.fixes.clear();
    this.trials.clear();
    this.wanted = null;
    this.jobs = undefined;
    this.total = 0;
  }

  private async withWanted(jobs: readonly Job[]): Promise<readonly Job[]> {
    const { wanted } = this;
    if (wanted === null || jobs.some(job => job.id === wanted)) {
      return jobs;
    }
    try {
      return [...jobs, await this.call('job.get', { job: wanted })];
    } catch (error) {
      this.wanted = null;
      this.refusal = failureOf(error);
      return jobs;
    }
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
