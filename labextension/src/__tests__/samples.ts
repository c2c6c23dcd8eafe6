/** Records as the wire brings them. */

import type {
  Actor,
  Event,
  Evidence,
  Job,
  Notification,
  Parameter,
  ParameterType,
  Prospect,
  Review,
  Run,
  RunBeside,
  Side
} from '../wire';

export const NOW = Date.parse('2026-01-05T09:00:00Z');

export const actor: Actor = { name: 'ana', via: 'notebook', authenticated: false };

export const at = (minutesAgo: number): string => new Date(NOW - minutesAgo * 60_000).toISOString();

export function run(more: Partial<Run> = {}): Run {
  return {
    id: '01k9a0000000000000000a3f91',
    experiment: 'air/pm25',
    name: 'baseline',
    status: 'finished',
    grade: 'clean',
    grade_reason: '',
    document: 'saved',
    source: {
      notebook: 'train.ipynb',
      session: 's',
      cells: null,
      rests_on: [2, 4, 7],
      executed: 11,
      commit: null,
      branch: null,
      dirty: [],
      environment: null,
      python: null,
      outside: [],
      seeds: [],
      variables: {},
      modules: {},
      module_notes: {},
      patch: null
    },
    inputs: [],
    params: { alpha: 0.3 },
    metrics: { mae: 41.2034 },
    tags: {},
    parent: null,
    job: null,
    earlier: null,
    lease: null,
    started: at(3),
    ended: at(2),
    actor,
    error: null,
    last_cell: null,
    written: [],
    system: {},
    archived: false,
    notes: [],
    deleted: null,
    ...more
  };
}

export function side(version: number, more: Partial<Side> = {}): Side {
  return {
    version,
    digest: 'd'.repeat(64),
    run: `run-${version}`,
    run_name: 'baseline',
    grade: 'clean',
    grade_reason: '',
    kind: 'sklearn.linear_model.Ridge',
    format: 'skops',
    size: 1200,
    author: 'ana',
    created: at(90),
    params: {},
    data: {},
    commit: null,
    packages: {},
    modules: {},
    seeds: [],
    ...more
  };
}

export function review(more: Partial<Review> = {}, evidence: Partial<Evidence> = {}): Review {
  return {
    id: '01k9b0000000000000000rev01',
    model: 'pm25',
    version: 7,
    alias: 'champion',
    evidence: {
      candidate: side(7),
      champion: side(5),
      headline: 'Better than champion pm25:5 on 2 of 2 metrics.',
      attention: [],
      metrics: [],
      against: 'champion',
      checks: [],
      changes: [],
      code: [],
      parts: {},
      ...evidence
    },
    evidence_digest: '9c41f0',
    rules: '',
    barred: [],
    changed: [],
    prospect: null,
    required: 1,
    decisions: [],
    status: 'open',
    reason: '',
    opened: at(120),
    closed: null,
    actor,
    ...more
  };
}

export function prospect(more: Partial<Prospect> = {}): Prospect {
  return {
    name: 'bo',
    says: 'approving will move champion from 5 to 7',
    remedy: '',
    refused: '',
    uncounted: '',
    own: false,
    server: false,
    ...more
  };
}

export function job(more: Partial<Job> = {}): Job {
  return {
    id: '01k9c0000000000000000job01',
    spec: { notebook: 'notebooks/train.ipynb', name: '' },
    status: 'running',
    run: null,
    notebook: null,
    queued: at(5),
    started: at(4),
    heartbeat: null,
    ended: null,
    error: null,
    warnings: [],
    progress: null,
    lease: null,
    attempt: 1,
    cancel: false,
    followed: false,
    actor,
    trust: null,
    ...more
  } as Job;
}

export function notification(title: string, more: Partial<Notification> = {}): Notification {
  return {
    subscription: 's',
    cause: title,
    id: `id of ${title}`,
    name: 'night watch',
    channel: 'jupyterlab',
    host: '',
    occasion: 'failure',
    subject: 'j',
    thing: 'notebook train.ipynb ',
    title,
    text: 'ValueError: no',
    made: at(1),
    status: 'sent',
    due: at(1),
    attempts: 1,
    sent: at(1),
    error: '',
    ...more
  };
}

/** A type of a parameter: its kind, and what *more* says of it. */
export function typed(kind: string, more: Partial<ParameterType> = {}): ParameterType {
  return {
    kind,
    items: null,
    places: [],
    keys: null,
    values: null,
    options: [],
    nullable: false,
    choices: [],
    minimum: null,
    maximum: null,
    exclusive_minimum: null,
    exclusive_maximum: null,
    multiple_of: null,
    min_length: null,
    max_length: null,
    pattern: null,
    ...more
  };
}

export function parameter(
  name: string,
  type: string | ParameterType,
  more: Partial<Parameter> = {}
): Parameter {
  return {
    name,
    type: typeof type === 'string' ? typed(type) : type,
    default: null,
    required: false,
    help: '',
    ...more
  };
}

export function event(kind: string, sequence: number, subject = ''): Event {
  return { at: at(0), actor, kind, subject, data: {}, sequence, previous: '', digest: '' };
}

/** What stands beside the sample run. */
export function beside(more: Partial<RunBeside> = {}): RunBeside {
  return {
    run: run().id,
    before: null,
    usual: null,
    metrics: [],
    counts: [],
    failed: null,
    steps: 0,
    models: [],
    parent: null,
    children: [],
    has_children: 0,
    has_files: 0,
    reproduced: null,
    environment: null,
    ...more
  };
}
