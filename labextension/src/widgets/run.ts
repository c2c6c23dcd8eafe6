/** A run's card in a notebook output. */

import { drawRun } from '../views/run';
import { untranslated } from '../views/words';
import type { Series } from '../views/points';
import type { Artifact, Run } from '../wire';
import { bringing, failureOf, has, listOf, widgetModule } from './host';

const isRun = (value: unknown): value is Run => has(value, 'id', 'metrics', 'params', 'source', 'started');

export default widgetModule(model => ({
  draw(place) {
    const run = model.get('record');
    if (isRun(run)) {
      drawRun(
        place,
        {
          run,
          curves: listOf(model, 'curves') as readonly Series[],
          artifacts: listOf(model, 'artifacts') as readonly Artifact[],
          failure: failureOf(model)
        },
        { trans: untranslated, points: bringing(model) }
      );
    }
  }
}));
