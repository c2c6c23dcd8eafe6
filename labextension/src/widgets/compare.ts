/** Runs beside each other in a notebook output. */

import { drawComparison, type Figures, type Picture } from '../views/compare';
import { untranslated } from '../views/words';
import { bringing, isComparison, listOf, widgetModule } from './host';

export default widgetModule(model => ({
  draw(place) {
    const comparison = model.get('record');
    if (isComparison(comparison)) {
      const curves = listOf(model, 'curves') as readonly Picture[];
      const figures = listOf(model, 'figures') as readonly Figures[];
      drawComparison(
        place,
        { comparison, curves, figures },
        { trans: untranslated, points: bringing(model) }
      );
    }
  }
}));
