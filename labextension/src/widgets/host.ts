/** What the three notebook widgets share: reading traits, and keeping the still twin out of sight while alive. */

/** The part of a widget's model that anywidget hands to a module. */
export interface WidgetModel {
  get(name: string): unknown;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
  send(message: unknown): void;
}

export interface RenderProps {
  readonly model: WidgetModel;
  readonly el: HTMLElement;
}

const TRAITS = ['record', 'busy', 'error', 'frozen', 'twin'];

/**
 * Draw now and at every change; give back what undoes it.
 *
 * The twin is hidden by a rule rather than by touching it: it may come later, or be replaced by an update, and it
 * shows itself again as soon as this widget is gone.
 */
export function live({ model, el }: RenderProps, drawInto: (element: HTMLElement) => void): () => void {
  const rule = document.createElement('style');
  const place = document.createElement('div');
  const redraw = (): void => {
    rule.textContent = hidingRule(model.get('twin'));
    drawInto(place);
  };
  for (const name of TRAITS) {
    model.on(`change:${name}`, redraw);
  }
  el.replaceChildren(rule, place);
  redraw();
  return () => {
    for (const name of TRAITS) {
      model.off(`change:${name}`, redraw);
    }
    el.replaceChildren();
  };
}

/** In Lab the whole output row goes, so that no empty band is left. */
export function hidingRule(twin: unknown): string {
  if (typeof twin !== 'string' || !/^[\w-]+$/.test(twin)) {
    return '';
  }
  const mark = `[data-jmlops-twin="${twin}"]`;
  return `${mark}, .jp-OutputArea-child:has(${mark}) { display: none !important; }`;
}

/** The record a trait carries: JSON text, or what it stands for. */
export function recordOf(model: WidgetModel): unknown {
  const value = model.get('record');
  if (typeof value !== 'string') {
    return value;
  }
  return value === '' ? null : (JSON.parse(value) as unknown);
}

/** Whether *value* looks like a record with these fields. */
export function has<K extends string>(value: unknown, ...fields: readonly K[]): value is Record<K, unknown> {
  return typeof value === 'object' && value !== null && fields.every(field => field in value);
}

/** An error trait (plain text) as the views take a failure. */
export function failureOf(model: WidgetModel) {
  const text = model.get('error');
  return typeof text === 'string' && text !== ''
    ? { code: 'error', message: text, remedy: '', data: {} }
    : null;
}
