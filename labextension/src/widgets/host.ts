/**
 * What the notebook widgets share.
 *
 * A cell shows a still twin (plain HTML that any saved notebook keeps), marked with `data-jmlops-twin`. While a
 * kernel lives, the model's module comes alive *inside* that element: one output, never two. Where outputs are kept
 * apart from the page that holds the models, the front end calls `render` instead and there is no twin to find.
 */

import type { Look } from '../views/files';
import type { Bring, Point } from '../views/points';
import type { Pictures } from '../views/shown';
import type { ArtifactContent, Experiment, RunComparison } from '../wire';

/** The part of a widget's model that anywidget hands to a module. */
export interface WidgetModel {
  get(name: string): unknown;
  on(event: string, listener: (message?: unknown) => void): void;
  off(event: string, listener: (message?: unknown) => void): void;
  send(message: unknown): void;
}

/** One widget at work: how it draws, and what it leaves behind when it ends. */
export interface Behaviour {
  draw(place: HTMLElement): void;
  stop?(): void;
}

/** Make a behaviour; *redraw* draws it anew wherever it shows. */
export type Begin = (model: WidgetModel, redraw: () => void) => Behaviour;

export interface WidgetModule {
  initialize(props: { readonly model: WidgetModel }): () => void;
  render(props: { readonly model: WidgetModel; readonly el: HTMLElement }): () => void;
}

/** Said of a model whose kernel restarts: what it showed is only paper from then on. */
const DISCONNECTED = 'comm_live_update';

/** The two hooks a front end calls, for one behaviour. */
export function widgetModule(begin: Begin): WidgetModule {
  return {
    initialize({ model }) {
      const twins = new Twins(model.get('twin'));
      const stop = follow(model, begin, draw => {
        twins.draw = draw;
        twins.drawAll();
      });
      const end = (): void => {
        model.off(DISCONNECTED, end);
        twins.leave();
        stop();
      };
      model.on(DISCONNECTED, end);
      return end;
    },
    render({ model, el }) {
      const place = document.createElement('div');
      // In a row of widgets a child is as narrow as it can be, unless it says otherwise.
      el.style.width = '100%';
      el.style.minWidth = '0';
      el.replaceChildren(place);
      return follow(model, begin, draw => {
        draw(place);
      });
    }
  };
}

/** Draw now and at every change of the model; give back what ends it. */
function follow(
  model: WidgetModel,
  begin: Begin,
  everywhere: (draw: (place: HTMLElement) => void) => void
): () => void {
  const redraw = (): void => {
    everywhere(place => {
      behaviour.draw(place);
    });
  };
  const behaviour = begin(model, redraw);
  model.on('change', redraw);
  redraw();
  return () => {
    model.off('change', redraw);
    behaviour.stop?.();
  };
}

interface Mounted {
  readonly place: HTMLElement;
  readonly still: readonly Node[];
}

/** Every element in the page that shows one record's still twin, also those that come later. */
class Twins {
  draw: ((place: HTMLElement) => void) | null = null;
  private readonly selector: string;
  private readonly mounted = new WeakMap<Element, Mounted>();
  // An output is taken out of the page while it is scrolled away, and thrown away when it is replaced.
  private readonly known = new Set<WeakRef<Element>>();
  private readonly observer: MutationObserver;
  private frame = 0;

  constructor(twin: unknown) {
    const named = typeof twin === 'string' && /^[\w-]+$/.test(twin);
    this.selector = named ? `[data-jmlops-twin="${twin}"]` : '';
    this.observer = new MutationObserver(() => {
      this.frame ||= requestAnimationFrame(() => {
        this.frame = 0;
        this.drawNew();
      });
    });
    if (this.selector) {
      this.observer.observe(document.body, { childList: true, subtree: true });
    }
  }

  drawAll(): void {
    this.drawNew();
    for (const reference of this.known) {
      const element = reference.deref();
      const mounted = element && this.mounted.get(element);
      if (mounted) {
        this.draw?.(mounted.place);
      } else {
        this.known.delete(reference);
      }
    }
  }

  /** Give every twin its still content back. */
  leave(): void {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    for (const reference of this.known) {
      const element = reference.deref();
      const mounted = element && this.mounted.get(element);
      if (mounted) {
        element.replaceChildren(...mounted.still);
      }
    }
    this.known.clear();
  }

  private drawNew(): void {
    if (!this.selector) {
      return;
    }
    for (const element of document.querySelectorAll(this.selector)) {
      if (!this.mounted.has(element)) {
        const mounted = { place: document.createElement('div'), still: [...element.childNodes] };
        this.mounted.set(element, mounted);
        this.known.add(new WeakRef(element));
        element.replaceChildren(mounted.place);
        this.draw?.(mounted.place);
      }
    }
  }
}

/** Whether *value* looks like a record with these fields. */
export function has<K extends string>(value: unknown, ...fields: readonly K[]): value is Record<K, unknown> {
  return typeof value === 'object' && value !== null && fields.every(field => field in value);
}

export const isComparison = (value: unknown): value is RunComparison =>
  has(value, 'runs', 'headline', 'metrics', 'code');

/** The text of a trait; empty where it has none. */
export function textOf(model: WidgetModel, name: string): string {
  const value = model.get(name);
  return typeof value === 'string' ? value : '';
}

/** The items of a trait; none where it is no list. */
export function listOf(model: WidgetModel, name: string): readonly unknown[] {
  const value = model.get(name);
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** The pictures that came along with a comparison. */
export function picturesOf(model: WidgetModel): Pictures {
  const value = model.get('pictures');
  return typeof value === 'object' && value !== null ? (value as Pictures) : {};
}

/** An error trait (plain text) as the views take a failure. */
export function failureOf(model: WidgetModel, data: Readonly<Record<string, unknown>> = {}) {
  const message = textOf(model, 'error');
  return message ? { code: 'error', message, remedy: '', data } : null;
}

const SAID = 'msg:custom';
/** How long a kernel's answer is waited for, in milliseconds. */
export const PATIENCE = 20_000;

let asked = 0;

/** Ask the kernel, which answers each question by its number; *field* is what of the answer is wanted. */
const asking = (
  model: WidgetModel,
  question: Readonly<Record<string, unknown>>,
  field: string
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const number = ++asked;
    const end = (): void => {
      clearTimeout(timer);
      model.off(SAID, listener);
    };
    const listener = (message?: unknown): void => {
      if (!has(message, 'answer') || message.answer !== number) {
        return;
      }
      end();
      if (has(message, field)) {
        resolve(message[field]);
      } else {
        reject(new Error(has(message, 'error') ? String(message.error) : ''));
      }
    };
    // The kernel may be gone without a word.
    const timer = setTimeout(() => {
      end();
      reject(new Error('No kernel has answered. One that is busy can be asked again later.'));
    }, PATIENCE);
    model.on(SAID, listener);
    try {
      model.send({ ...question, number });
    } catch (error) {
      end();
      reject(error instanceof Error ? error : new Error(String(error)));
    }
  });

/** Brings points of a curve from the kernel. */
export const bringing =
  (model: WidgetModel): Bring =>
  async (run, key, stretch) => {
    const points = await asking(model, { action: 'points', run, key, ...stretch }, 'points');
    if (!Array.isArray(points)) {
      throw new Error('');
    }
    return points as readonly Point[];
  };

/** Brings the experiments there are from the kernel. */
export const filing = (model: WidgetModel) => async (): Promise<readonly Experiment[]> => {
  const found = await asking(model, { action: 'experiments' }, 'experiments');
  if (!Array.isArray(found)) {
    throw new Error('');
  }
  return found as readonly Experiment[];
};

/** Brings from the kernel what a file of a run says. */
export const looking =
  (model: WidgetModel): Look =>
  async (run, name) => {
    const content = await asking(model, { action: 'look', run, name }, 'content');
    if (!has(content, 'artifact', 'text', 'picture', 'note')) {
      throw new Error('');
    }
    return content as unknown as ArtifactContent;
  };
