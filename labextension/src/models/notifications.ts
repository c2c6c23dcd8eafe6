/** Messages for whoever is in JupyterLab: each is shown once in a browser. */

import type { TranslationBundle } from '@jupyterlab/translation';
import type { IMlopsClient, IMlopsWatch } from '../tokens';
import type { Notification, Occasion } from '../wire';
import { homeOf } from './home';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The clock of another machine may be behind, and a message is in the store a while after it was made. */
const LAG = 30 * MINUTE;
const PAGE = 100;
const MOST_AT_ONCE = 5;
const LINES = 3;
const SECONDS_SHOWN = 10;

/** What is shown of one message, or of many. */
export interface Toast {
  readonly message: string;
  readonly type: 'error' | 'warning' | 'success' | 'info';
  /** Milliseconds until it closes by itself, or never. */
  readonly autoClose: number | false;
  /** The job it leads to; empty: all of them. Null where there is nowhere to go. */
  readonly job: string | null;
}

/** Where it is kept what this browser has shown; `localStorage` is one. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem'>;

interface Seen {
  /** When this browser first asked, by its own clock. */
  readonly visited: number;
  /** Nothing older is asked for; null until there was a message. */
  readonly since: number | null;
  /** What was seen since then. */
  readonly ids: readonly string[];
}

const TYPES: Readonly<Record<Occasion, Toast['type']>> = {
  failure: 'error',
  late: 'warning',
  recovered: 'success',
  success: 'success'
};
const GRAVEST = ['error', 'warning', 'success', 'info'] as const;

export class NotificationsModel {
  /** The keys of the workspaces found to be kept, by place. */
  private readonly kept = new Map<string, string>();
  /** What was seen, also where the browser keeps nothing. */
  private readonly seen = new Map<string, Seen>();

  constructor(
    private readonly client: IMlopsClient,
    private readonly watch: IMlopsWatch,
    private readonly trans: TranslationBundle,
    private readonly shelf: Shelf,
    /** Tells one server's workspaces from another's. */
    private readonly base: string
  ) {}

  /**
   * Find what is to be shown and was not yet.
   *
   * @throws where there is no workspace, or the server says no: nothing is to be asked for a while
   */
  async look(): Promise<readonly Toast[]> {
    const { place } = this.watch;
    const key = await this.keyOf(place);
    const since = this.recall(key);
    const { items, total } = await this.client.call(
      'notification.find',
      { query: `channel = 'jupyterlab' and made >= ${boundOf(since)}`, limit: PAGE },
      place
    );
    // Another tab may have shown some of them meanwhile.
    const seen = this.recall(key);
    const known = new Set(seen.ids);
    const fresh = items.filter(one => !known.has(one.id));
    this.remember(key, after(seen, items, total));
    // Behind one that was seen there is nothing new; where none was, there may be more than one answer holds.
    const count = fresh.length < items.length ? fresh.length : Math.max(fresh.length, total - known.size);
    return count > MOST_AT_ONCE ? [this.summary(fresh, count)] : [...fresh].reverse().map(toastOf);
  }

  private async keyOf(place: string): Promise<string> {
    const known = this.kept.get(place);
    if (known !== undefined) {
      return known;
    }
    const state = await this.client.call('workspace.show', {}, place);
    if (!state.kept) {
      throw new Error('Nothing is kept here yet.');
    }
    const key = `jupyter-mlops:notifications:${this.base}:${homeOf(place, state).key}`;
    this.kept.set(place, key);
    return key;
  }

  private recall(key: string): Seen {
    const own = this.seen.get(key);
    const stored = read(this.shelf, key);
    // Where the browser's store is full, what it holds is older than what is known here.
    const latest = stored && (stored.since ?? 0) >= (own?.since ?? 0) ? stored : own;
    if (latest) {
      return latest;
    }
    const first = { visited: Date.now(), since: null, ids: [] };
    this.remember(key, first);
    return first;
  }

  private remember(key: string, seen: Seen): void {
    this.seen.set(key, seen);
    try {
      this.shelf.setItem(key, JSON.stringify(seen));
    } catch {
      // A browser may be told to keep nothing: until the page is left it is known here.
    }
  }

  private summary(fresh: readonly Notification[], count: number): Toast {
    const types = new Set(fresh.map(typeOf));
    const type = GRAVEST.find(one => types.has(one)) ?? 'info';
    const latest = fresh[0]?.title ?? '';
    const message = `${this.trans.__('%1 new messages about jobs', count)}\n${this.trans.__('The latest: %1', latest)}`;
    return { message, type, autoClose: closing(type), job: '' };
  }
}

const typeOf = ({ occasion }: Notification): Toast['type'] => (occasion === null ? 'info' : TYPES[occasion]);

const closing = (type: Toast['type']): number | false =>
  type === 'error' || type === 'warning' ? false : SECONDS_SHOWN * 1000;

function toastOf(one: Notification): Toast {
  const lines = one.text.split('\n').filter(line => line.trim() !== '');
  const type = typeOf(one);
  return {
    message: [one.title, ...lines.slice(0, LINES)].join('\n'),
    type,
    autoClose: closing(type),
    job: one.subject || null
  };
}

/** As the server's filters say it. Before the first message it is a span: two clocks need not agree. */
const boundOf = ({ since, visited }: Seen): string =>
  since === null
    ? `-${Math.round((HOUR + Math.max(0, Date.now() - visited)) / 1000)}s`
    : `'${new Date(since).toISOString()}'`;

/** What is known once *items*, the newest first, have been seen. */
function after(seen: Seen, items: readonly Notification[], total: number): Seen {
  const times = items.map(one => Date.parse(one.made));
  const [newest, oldest] = [times.at(0), times.at(-1)];
  if (newest === undefined || oldest === undefined) {
    return seen;
  }
  const since = Math.max(
    seen.since ?? Math.min(oldest, seen.visited - HOUR),
    newest - LAG,
    // What this answer had no room for was counted, and is not told of again.
    items.length < total ? oldest : 0
  );
  return {
    visited: seen.visited,
    since,
    ids: items.filter((_, index) => (times[index] ?? 0) >= since).map(one => one.id)
  };
}

function read(shelf: Shelf, key: string): Seen | null {
  try {
    const { visited, since, ids } = JSON.parse(shelf.getItem(key) ?? '{}') as Partial<Seen>;
    return typeof visited === 'number' && Array.isArray(ids)
      ? { visited, since: typeof since === 'number' ? since : null, ids }
      : null;
  } catch {
    return null;
  }
}
