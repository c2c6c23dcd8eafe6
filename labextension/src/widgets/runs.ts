/** A page of runs in a notebook output, with a field to ask for others. */

import { drawRunsTable } from '../views/runs';
import { untranslated } from '../views/words';
import type { Run } from '../wire';
import { failureOf, has, textOf, widgetModule } from './host';

const isPage = (value: unknown): value is { items: readonly Run[]; total: number } =>
  has(value, 'items', 'total') && Array.isArray(value.items);

export default widgetModule((model, redraw) => {
  // What was asked last, also when it could not be read: the answer points into it.
  let asked: string | null = null;
  return {
    draw(place) {
      const page = model.get('record');
      const problem = model.get('problem');
      if (isPage(page)) {
        drawRunsTable(
          place,
          {
            runs: page.items,
            total: page.total,
            query: asked ?? textOf(model, 'query'),
            failure: failureOf(model, has(problem, 'column') ? problem : {})
          },
          {
            trans: untranslated,
            search: query => {
              asked = query;
              model.send({ action: 'find', query, order: textOf(model, 'order') });
              redraw();
            }
          }
        );
      }
    }
  };
});
