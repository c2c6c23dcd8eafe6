/** Ids, tokens and interfaces: the ground everything else stands on. Nothing here acts. */

import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';
import type { Event, Operations, WorkspaceState } from './wire';

export const NAMESPACE = 'jupyter-mlops';
export const PACKAGE = 'jupyter-mlops-lab';

export const PluginIds = {
  client: `${PACKAGE}:client`,
  document: `${PACKAGE}:document`,
  door: `${PACKAGE}:door`,
  jobs: `${PACKAGE}:jobs`,
  models: `${PACKAGE}:models`,
  notifications: `${PACKAGE}:notifications`,
  panel: `${PACKAGE}:plugin`, // the name its settings are found under
  reviews: `${PACKAGE}:reviews`,
  runs: `${PACKAGE}:runs`,
  watch: `${PACKAGE}:watch`
} as const;

export const CommandIds = {
  compareRuns: `${NAMESPACE}:compare-runs`,
  openReview: `${NAMESPACE}:open-review`,
  openRun: `${NAMESPACE}:open-run`,
  refresh: `${NAMESPACE}:refresh`,
  runAsJob: `${NAMESPACE}:run-as-job`,
  showAgain: `${NAMESPACE}:show-again`,
  showJobs: `${NAMESPACE}:show-jobs`,
  showModels: `${NAMESPACE}:show-models`,
  showPanel: `${NAMESPACE}:show-panel`,
  showReviews: `${NAMESPACE}:show-reviews`,
  showRuns: `${NAMESPACE}:show-runs`,
  showTable: `${NAMESPACE}:show-table`
} as const;

export const ViewIds = {
  panel: `${NAMESPACE}-panel`,
  table: (workspace: string): string => `${NAMESPACE}-table-${workspace}`,
  section: (noun: string): string => `${NAMESPACE}-section-${noun}`,
  run: (run: string): string => `${NAMESPACE}-run-${run}`,
  review: (review: string): string => `${NAMESPACE}-review-${review}`,
  comparison: (runs: readonly string[]): string => `${NAMESPACE}-comparison-${runs.join('-')}`
} as const;

/** The comm a kernel opens to learn the order of its notebook's cells. */
export const DOCUMENT_TARGET = 'jupyter_mlops.document';

/** Who talks to the server. */
export interface IMlopsClient {
  /**
   * Call an operation by name.
   *
   * @param place - the path of the notebook whose workspace is meant; empty: the server's root
   * @throws a `Refusal` carrying the server's `Failure`
   */
  call<K extends keyof Operations>(
    name: K,
    parameters: Operations[K]['parameters'],
    place: string
  ): Promise<Operations[K]['result']>;
}

export const IMlopsClient = new Token<IMlopsClient>(
  `${PACKAGE}:IMlopsClient`,
  'Calls the operations of jupyter-mlops on the server.'
);

/** Which workspace is looked at, and what is new in it while somebody looks. */
export interface IMlopsWatch {
  /** The path of the notebook whose workspace is read. */
  readonly place: string;
  readonly workspace: WorkspaceState | null;
  /** How many rows a list shows before it offers more. */
  readonly pageSize: number;
  /** Another place is looked at: everything read so far may be another workspace's. */
  readonly moved: ISignal<IMlopsWatch, string>;
  /** New lines of the ledger; empty after each look that found none. */
  readonly looked: ISignal<IMlopsWatch, readonly Event[]>;
  /** Keep looking until the answer is disposed. */
  attend(): IDisposable;
  /** Look now. */
  look(): Promise<void>;
}

export const IMlopsWatch = new Token<IMlopsWatch>(
  `${PACKAGE}:IMlopsWatch`,
  'Follows the ledger of the open notebook’s workspace while somebody looks.'
);

/** A command with what it is given, as a page's layout remembers it. */
export interface Again {
  readonly command: string;
  readonly args: Readonly<Record<string, string | readonly string[]>>;
}

/** The panel the nouns put their sections in. */
export interface IMlopsPanel {
  addSection(section: Widget, rank: number): void;
  /** Bring a section to the reader. */
  reveal(section: Widget): void;
  /**
   * Show one thing large: in the main area where there is one to add to, else over the sections.
   *
   * @param again - the command that would show it again after a reload of the page
   */
  show(widget: Widget, again: Again): void;
}

export const IMlopsPanel = new Token<IMlopsPanel>(
  `${PACKAGE}:IMlopsPanel`,
  'The side panel of jupyter-mlops: takes sections, and shows one thing large.'
);
