/** A run's card in a notebook output. */

import { drawRun } from '../views/run';
import { untranslated } from '../views/words';
import type { Run } from '../wire';
import { failureOf, has, live, recordOf, type RenderProps } from './host';

const isRun = (value: unknown): value is Run => has(value, 'id', 'metrics', 'params', 'source', 'started');

function render(props: RenderProps): () => void {
  return live(props, place => {
    const run = recordOf(props.model);
    if (isRun(run)) {
      drawRun(place, { run, failure: failureOf(props.model) }, { trans: untranslated });
    }
  });
}

export default { render };
