/** What Lumino asks of a page when it is loaded, and jsdom lacks. Import it before whatever imports Lumino. */

class Dragged extends MouseEvent {}

Object.assign(globalThis, { DragEvent: Dragged });

/** After everything that was promised. */
export const settled = () => new Promise(resolve => setTimeout(resolve, 0));

/** Long enough for a widget to draw what it was asked to. */
export const drawn = () => new Promise(resolve => setTimeout(resolve, 40));
