import type { WidgetModel } from '../../widgets/host';

/** A widget's model without a kernel. */
export class FakeModel implements WidgetModel {
  sent: unknown[] = [];
  private readonly listeners = new Map<(message?: unknown) => void, string>();

  constructor(private readonly traits: Record<string, unknown>) {}

  get(name: string): unknown {
    return this.traits[name];
  }

  set(values: Record<string, unknown>): void {
    Object.assign(this.traits, values);
    this.trigger('change');
  }

  trigger(event: string, message?: unknown): void {
    this.listeners.forEach((wanted, listener) => {
      if (wanted === event) {
        listener(message);
      }
    });
  }

  on(event: string, listener: (message?: unknown) => void): void {
    this.listeners.set(listener, event);
  }

  off(_: string, listener: (message?: unknown) => void): void {
    this.listeners.delete(listener);
  }

  send(message: unknown): void {
    this.sent.push(message);
  }
}

/** After everything that was promised. */
export const settled = () => new Promise(resolve => setTimeout(resolve, 0));
