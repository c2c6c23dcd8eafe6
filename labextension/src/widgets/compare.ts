/** Runs beside each other in a notebook output. */

import { drawComparison, type Picture } from '../views/compare';
import { untranslated } from '../views/words';
import { bringing, isComparison, listOf, picturesOf, widgetModule } from './host';

export default widgetModule(model => ({
  draw(place) {
    const comparison = model.get('record');
    if (isComparison(comparison)) {
      const curves = listOf(model, 'curves') as readonly Picture[];
      drawComparison(
        place,
        { comparison, curves, pictures: picturesOf(model) },
        { trans: untranslated, points: bringing(model) }
      );
    }
  }
}));
