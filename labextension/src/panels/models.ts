/** The models section of the panel. */

import type { TranslationBundle } from '@jupyterlab/translation';
import type { ModelsModel } from '../models/models';
import { ViewIds } from '../tokens';
import { drawBoard } from '../views/board';
import { Hosting } from './hosting';

export interface ModelsActions {
  readonly openRun: (run: string) => void;
  readonly openReview: (reference: string) => void;
}

export class ModelsPanel extends Hosting<ModelsModel> {
  constructor(
    model: ModelsModel,
    trans: TranslationBundle,
    private readonly actions: ModelsActions
  ) {
    super(model, trans);
    this.id = ViewIds.section('models');
    this.title.label = trans.__('Models');
    this.title.caption = trans.__('Registered models, their versions and aliases');
  }

  protected draw(): void {
    const { model, trans, actions } = this;
    drawBoard(
      this.node,
      { shelves: model.shelves, cut: model.cut, reviewed: model.reviewed, failure: model.failure },
      { trans, ...actions }
    );
  }
}
