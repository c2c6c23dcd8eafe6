/** A page of runs in a notebook output. */

import { drawRunsTable } from '../views/runs';
import { untranslated } from '../views/words';
import type { Run } from '../wire';
import { failureOf, has, live, recordOf, type RenderProps } from './host';

const isPage = (value: unknown): value is { items: readonly Run[]; total: number } =>
  has(value, 'items', 'total') && Array.isArray(value.items);

function render(props: RenderProps): () => void {
  return live(props, place => {
    const page = recordOf(props.model);
    if (isPage(page)) {
      drawRunsTable(
        place,
        { runs: page.items, total: page.total, failure: failureOf(props.model) },
        { trans: untranslated }
      );
    }
  });
}

export default { render };
