/** One part of a view under its title. */

import { h, type Child, type Drawn } from './draw';

export function section(title: string, ...content: readonly Child[]): Drawn {
  return h('section', { class: 'jmlops-part', key: title }, h('h4', {}, title), content);
}
