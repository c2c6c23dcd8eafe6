/** Two or more runs beside each other, with the curves they have in common. */

import type { IMlopsClient, IMlopsWatch } from '../tokens';
import type { Artifact, Event, Run, RunComparison } from '../wire';
import { Loading } from './loading';
import { FEWEST, MOST_POINTS, type Curve, type CurvePoint, type Stretch } from './run';

const MOST_PICTURES = 8;
const MOST_LINES = 5;
const MOST_FIGURES = 12;
const LARGEST_FIGURE = 1_000_000;

export interface Picture {
  readonly name: string;
  readonly series: readonly Curve[];
}

export class ComparisonModel extends Loading {
  comparison: RunComparison | undefined;
  curves: readonly Picture[] = [];
  /** Of the figures that differ, as data addresses by the digests of their files. */
  pictures: Readonly<Record<string, string>> = {};

  constructor(
    client: IMlopsClient,
    watch: IMlopsWatch,
    readonly ids: readonly string[],
    private readonly home: string = watch.place
  ) {
    super(client, watch);
  }

  refresh(): Promise<void> {
    return this.load(
      async () => {
        const found = await this.client.call('run.compare', { runs: this.ids }, this.home);
        const beside = Promise.all([this.curvesOf(found), this.picturesOf(found)]);
        return [found, ...(await beside)] as const;
      },
      ([found, curves, pictures]) => {
        this.comparison = found;
        this.curves = curves;
        this.pictures = pictures;
      }
    );
  }

  /** What lies between the points of a curve. */
  points(run: string, key: string, stretch: Stretch): Promise<readonly CurvePoint[]> {
    return this.client.call('metric.history', { run, key, ...stretch }, this.home);
  }

  /** One picture a metric that more than one of the runs logged often. */
  private async curvesOf(comparison: RunComparison): Promise<readonly Picture[]> {
    const shown = tellable(comparison);
    const ids = shown.map(({ id }) => id);
    const logged = await this.client.call('run.curves', { runs: ids, most: FEWEST, every: true }, this.home);
    const often = new Set(logged.map(({ run, key }) => `${run} ${key}`));
    const names = comparison.metrics
      .map(({ name }) => name)
      .filter(name => ids.filter(id => often.has(`${id} ${name}`)).length > 1)
      .slice(0, MOST_PICTURES);
    return Promise.all(
      names.map(async name => ({
        name,
        series: await Promise.all(
          shown.map(async run => ({
            name: run.name,
            run: run.id,
            points: often.has(`${run.id} ${name}`)
              ? await this.client.call(
                  'metric.history',
                  { run: run.id, key: name, most: MOST_POINTS },
                  this.home
                )
              : []
          }))
        )
      }))
    );
  }

  /** What is there already is not asked for again: under one digest the bytes stay the same. */
  private async picturesOf(comparison: RunComparison): Promise<Readonly<Record<string, string>>> {
    const files = differing(comparison).slice(0, MOST_FIGURES);
    const found = await Promise.all(
      files.map(
        async file => [file.digest, this.pictures[file.digest] ?? (await this.picture(file))] as const
      )
    );
    return Object.fromEntries(found.filter((pair): pair is [string, string] => pair[1] !== null));
  }

  /** As a data address, empty where it is not to be had; null: this time it was not, and may be the next. */
  private async picture({ run, name, media_type: kind }: Artifact): Promise<string | null> {
    try {
      const { picture } = await this.client.call('artifact.get', { run, name }, this.home);
      return picture === null ? '' : `data:${kind};base64,${picture}`;
    } catch {
      return null; // a comparison without its picture is better than none
    }
  }

  protected forget(): void {
    // A comparison is of runs of one workspace.
  }

  protected concerns(events: readonly Event[]): boolean {
    return events.some(event => this.ids.includes(event.subject));
  }
}

/** The figures that stand beside each other, each once, as far as a page takes them. */
function differing({ code, figures }: RunComparison): readonly Artifact[] {
  const files = [
    ...code.flatMap(({ outputs }) => outputs.flatMap(({ before, after }) => [before, after])),
    ...figures.flatMap(row => row.files)
  ];
  const shown = files.filter(
    (file): file is Artifact =>
      file !== null && /^image\/(png|jpeg|gif|webp)$/.test(file.media_type) && file.size <= LARGEST_FIGURE
  );
  return [...new Map(shown.map(file => [file.digest, file])).values()];
}

/** Of more runs than can be told apart, those with the best figures, in the order of the comparison. */
function tellable({ runs, metrics }: RunComparison): readonly Run[] {
  const judged = metrics.find(row => row.best !== null);
  if (!judged) {
    return runs.slice(0, MOST_LINES);
  }
  const worth = judged.values.map(value =>
    typeof value === 'number' ? value * (judged.direction === 'higher' ? -1 : 1) : Infinity
  );
  const places = runs.map((_, place) => place);
  const best = new Set(
    places.sort((a, b) => (worth[a] ?? 0) - (worth[b] ?? 0) || a - b).slice(0, MOST_LINES)
  );
  return runs.filter((_, place) => best.has(place));
}
