/** A server in memory: answers by operation, and remembers what it was asked. */

import type { IMlopsClient } from '../../tokens';
import type { Operations } from '../../wire';

export type Answers = { -readonly [K in keyof Operations]?: (parameters: never, place: string) => unknown };

export class StubServer implements IMlopsClient {
  readonly asked: (readonly [string, unknown, string])[] = [];

  constructor(readonly answers: Answers) {}

  async call<K extends keyof Operations>(
    name: K,
    parameters: Operations[K]['parameters'],
    place: string
  ): Promise<Operations[K]['result']> {
    this.asked.push([name, parameters, place]);
    const answer = this.answers[name];
    if (!answer) {
      throw Object.assign(new Error(name), {
        failure: { code: 'not_found', message: `no ${name}`, remedy: '', data: {} }
      });
    }
    return Promise.resolve(answer(parameters as never, place) as Operations[K]['result']);
  }

  times(name: string): number {
    return this.asked.filter(([asked]) => asked === name).length;
  }
}
