/** One run with its files and its curves. */

import type { IMlopsClient, IMlopsWatch } from '../tokens';
import type {
  Artifact,
  ArtifactContent,
  Event,
  Figure,
  ModelVersion,
  Run,
  RunBeside,
  WorkspaceState
} from '../wire';
import { isRegraded, Loading } from './loading';

const MOST_CURVES = 8;
/** Of the runs that this one may be compared with. */
const MOST_OTHERS = 30;
/** A curve comes thinned out from the store, its extremes kept. */
export const MOST_POINTS = 400;
/** As few points as a store says of a curve, where only its name is asked for. */
export const FEWEST = 4;

export interface CurvePoint {
  readonly step: number;
  readonly value: Figure;
  readonly sequence: number;
}

export interface Curve {
  readonly name: string;
  readonly run?: string;
  readonly points: readonly CurvePoint[];
}

/** A part of a curve, as it is asked for to be looked at closely. */
export interface Stretch {
  readonly after: number;
  readonly before: number;
  readonly most: number;
}

export class RunModel extends Loading {
  run: Run | undefined;
  beside: RunBeside | null = null;
  artifacts: readonly Artifact[] = [];
  /** The latest runs of its experiment, as they were when the card was opened. */
  others: readonly Run[] | undefined;
  curves: readonly Curve[] = [];

  constructor(
    client: IMlopsClient,
    watch: IMlopsWatch,
    readonly id: string,
    /** The workspace the run was found in; it stays there whatever notebook is opened next. */
    private readonly home: string = watch.place
  ) {
    super(client, watch);
  }

  refresh(): Promise<void> {
    return this.load(
      () => this.read(),
      ([run, beside, artifacts, curves, others]) => {
        this.run = run;
        this.beside = beside;
        this.others = others;
        this.artifacts = artifacts;
        this.curves = curves;
      }
    );
  }

  private async read(): Promise<
    readonly [Run, RunBeside | null, readonly Artifact[], readonly Curve[], readonly Run[]]
  > {
    const { client, id, home } = this;
    const run = await client.call('run.get', { run: id }, home);
    const [beside, files, logged, others] = await Promise.all([
      // A card without it is better than none, and so is one without other runs to choose from.
      client.call('run.beside', { run: id }, home).catch(() => null),
      client.call('artifact.find', { run: id }, home),
      client.call('run.curves', { runs: [id], most: FEWEST, every: true }, home),
      this.others ?? this.findOthers(run).catch(() => [])
    ]);
    const names = logged.slice(0, MOST_CURVES).map(({ key }) => key);
    const histories = await Promise.all(
      names.map(key => client.call('metric.history', { run: id, key, most: MOST_POINTS }, home))
    );
    const curves = names.map((name, index) => ({ name, points: histories[index] ?? [] }));
    return [run, beside, files.items, curves, others];
  }

  private async findOthers({ experiment }: Run): Promise<readonly Run[]> {
    const query = `experiment = '${experiment.replace(/[\\']/g, '\\$&')}'`;
    return (await this.client.call('run.find', { query, limit: MOST_OTHERS }, this.home)).items;
  }

  /** This run and *other*, the older first: what came later is compared with what was there. */
  inOrder(other: string): readonly string[] {
    const begun = this.others?.find(({ id }) => id === other)?.started;
    const later = begun !== undefined && this.run && Date.parse(begun) > Date.parse(this.run.started);
    return later ? [this.id, other] : [other, this.id];
  }

  /** Where its notebook may stand among the server's files, the likeliest place first; none where it has no notebook. */
  async notebooks(): Promise<readonly string[]> {
    const path = this.run?.source.notebook;
    return path ? placesOf(await this.client.call('workspace.show', {}, this.home), this.home, path) : [];
  }

  /** Say that something which is not the server's to do was not to be done. */
  refuse(message: string, remedy = ''): void {
    this.refusal = { code: 'not_found', message, remedy, data: {} };
    this.tell();
  }

  /** What lies between the points of a curve. */
  points(run: string, key: string, stretch: Stretch): Promise<readonly CurvePoint[]> {
    return this.client.call('metric.history', { run, key, ...stretch }, this.home);
  }

  look(run: string, name: string): Promise<ArtifactContent> {
    return this.client.call('artifact.get', { run, name }, this.home);
  }

  rename(name: string): Promise<boolean> {
    return this.change(() => this.client.call('run.rename', { run: this.id, name }, this.home));
  }

  tag(tags: Readonly<Record<string, string>>): Promise<boolean> {
    return this.change(() => this.client.call('run.tag', { run: this.id, tags }, this.home));
  }

  note(text: string): Promise<boolean> {
    return this.change(() => this.client.call('run.note', { run: this.id, text }, this.home));
  }

  archive(archived: boolean): Promise<boolean> {
    return this.change(() => this.client.call('run.archive', { run: this.id, archived }, this.home));
  }

  /** Register the model this run logged; null where it was refused. */
  async register(model: string, artifact: string): Promise<ModelVersion | null> {
    let version: ModelVersion | null = null;
    await this.change(async () => {
      version = await this.client.call('model.register', { model, run: this.id, artifact }, this.home);
    });
    return version;
  }

  protected forget(): void {
    // A card shows one run of one workspace.
  }

  protected concerns(events: readonly Event[]): boolean {
    const kin = [this.beside?.parent ?? null, ...(this.beside?.children ?? [])].map(one => one?.run ?? null);
    return (
      this.run?.status === 'running' ||
      events.some(event => event.subject === this.id || isRegraded(event, kin))
    );
  }
}

/**
 * A cell names its notebook from the project's folder, and a job from the server's; without a folder of the project's,
 * the notebook that is looked at lies where the others do.
 */
export function placesOf({ folder, root }: WorkspaceState, home: string, path: string): readonly string[] {
  const above = (whole: string): string => whole.split('/').slice(0, -1).join('/');
  const project = folder === null ? null : above(folder);
  const base = `${root.replace(/\/+$/, '')}/`;
  const inside = project?.startsWith(base) ? project.slice(base.length) : '';
  const start = project === null ? above(home) : inside;
  return [...new Set([start ? `${start}/${path}` : path, path])];
}
