/** A run's card in a notebook output. */

import { drawRun } from '../views/run';
import { untranslated } from '../views/words';
import type { Series } from '../views/points';
import type { Artifact, Run, RunBeside } from '../wire';
import { bringing, failureOf, has, listOf, looking, widgetModule } from './host';

const isBeside = (value: unknown): value is RunBeside => has(value, 'run', 'before', 'metrics', 'counts');
const isRun = (value: unknown): value is Run => has(value, 'id', 'metrics', 'params', 'source', 'started');

export default widgetModule(model => ({
  draw(place) {
    const run = model.get('record');
    const beside = model.get('beside');
    if (isRun(run)) {
      drawRun(
        place,
        {
          run,
          beside: isBeside(beside) ? beside : null,
          curves: listOf(model, 'curves') as readonly Series[],
          artifacts: listOf(model, 'artifacts') as readonly Artifact[],
          failure: failureOf(model)
        },
        { trans: untranslated, points: bringing(model), look: looking(model) }
      );
    }
  }
}));
