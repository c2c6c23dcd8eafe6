/** Runs beside each other, large. */

import type { TranslationBundle } from '@jupyterlab/translation';
import type { ComparisonModel } from '../models/comparison';
import { ViewIds } from '../tokens';
import { drawComparison } from '../views/compare';
import { draw } from '../views/draw';
import { failureState, loadingState } from '../views/notice';
import { Hosting } from './hosting';

export class ComparisonPanel extends Hosting<ComparisonModel> {
  constructor(
    model: ComparisonModel,
    trans: TranslationBundle,
    private readonly openRun: (run: string) => void
  ) {
    super(model, trans);
    this.id = ViewIds.comparison(model.ids);
    this.addClass('jp-jmlops-large');
    this.title.label = trans.__('Compare %1 runs', model.ids.length);
    this.title.closable = true;
  }

  protected draw(): void {
    const { model, trans, node } = this;
    const { comparison, failure } = model;
    if (comparison) {
      drawComparison(
        node,
        { comparison, curves: model.curves, pictures: model.pictures },
        { trans, openRun: this.openRun, points: (run, key, stretch) => model.points(run, key, stretch) }
      );
    } else {
      draw(node, failure ? failureState(failure) : loadingState(trans, 8));
    }
  }
}
