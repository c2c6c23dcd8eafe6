/** One run with its files and its curves. */

import type { IMlopsClient, IMlopsWatch } from '../tokens';
import type { Artifact, Event, Figure, ModelVersion, Run } from '../wire';
import { Loading } from './loading';

const MOST_CURVES = 8;
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
  artifacts: readonly Artifact[] = [];
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
      ([run, artifacts, curves]) => {
        this.run = run;
        this.artifacts = artifacts;
        this.curves = curves;
      }
    );
  }

  private async read(): Promise<readonly [Run, readonly Artifact[], readonly Curve[]]> {
    const { client, id, home } = this;
    const run = await client.call('run.get', { run: id }, home);
    const [files, logged] = await Promise.all([
      client.call('artifact.find', { run: id }, home),
      client.call('run.curves', { runs: [id], most: FEWEST, every: true }, home)
    ]);
    const names = logged.slice(0, MOST_CURVES).map(({ key }) => key);
    const histories = await Promise.all(
      names.map(key => client.call('metric.history', { run: id, key, most: MOST_POINTS }, home))
    );
    return [run, files.items, names.map((name, index) => ({ name, points: histories[index] ?? [] }))];
  }

  /** What lies between the points of a curve. */
  points(run: string, key: string, stretch: Stretch): Promise<readonly CurvePoint[]> {
    return this.client.call('metric.history', { run, key, ...stretch }, this.home);
  }

  rename(name: string): Promise<boolean> {
    return this.change(() => this.client.call('run.rename', { run: this.id, name }, this.home));
  }

  tag(tags: Readonly<Record<string, string>>): Promise<boolean> {
    return this.change(() => this.client.call('run.tag', { run: this.id, tags }, this.home));
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
    return this.run?.status === 'running' || events.some(event => event.subject === this.id);
  }
}
