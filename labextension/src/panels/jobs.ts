/** The jobs section of the panel. */

import type { TranslationBundle } from '@jupyterlab/translation';
import type { JobsModel } from '../models/jobs';
import { ViewIds } from '../tokens';
import { drawJobs } from '../views/jobs';
import { Hosting } from './hosting';

export class JobsPanel extends Hosting<JobsModel> {
  /** The job to bring into sight once it is listed. */
  private leading: string | null = null;

  constructor(
    model: JobsModel,
    trans: TranslationBundle,
    private readonly openRun: (run: string) => void
  ) {
    super(model, trans);
    this.id = ViewIds.section('jobs');
    this.title.label = trans.__('Jobs');
    this.title.caption = trans.__('Notebooks run as jobs, the newest first');
  }

  /** Bring one job into sight, and the focus to it. */
  lead(job: string): void {
    this.leading = job;
    void this.model.want(job);
  }

  protected draw(): void {
    const { model, trans } = this;
    drawJobs(
      this.node,
      {
        jobs: model.jobs,
        total: model.total,
        fixes: model.fixes,
        trials: model.trials,
        failure: model.failure,
        refusal: model.refusal
      },
      {
        trans,
        openRun: this.openRun,
        cancel: job => void model.cancel(job),
        retry: job => void model.retry(job),
        fix: (job, apply) => void model.fix(job, apply),
        trials: job => void model.showTrials(job),
        more: () => void model.more()
      }
    );
    this.arrive();
  }

  private arrive(): void {
    const rows = this.node.querySelectorAll<HTMLElement>('[data-job]');
    const row = [...rows].find(({ dataset }) => dataset.job === this.leading);
    if (row) {
      this.leading = null;
      row.focus({ preventScroll: true });
      row.scrollIntoView({ block: 'nearest' });
    }
  }
}
