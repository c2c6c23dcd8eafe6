/** Two or more runs beside each other, with the curves they have in common. */

import type { IMlopsClient, IMlopsWatch } from '../tokens';
import type { Event, Run, RunComparison } from '../wire';
import { Loading } from './loading';
import { FEWEST, MOST_POINTS, type Curve, type CurvePoint, type Stretch } from './run';

const MOST_PICTURES = 8;
const MOST_LINES = 5;

export interface Picture {
  readonly name: string;
  readonly series: readonly Curve[];
}

export class ComparisonModel extends Loading {
  comparison: RunComparison | undefined;
  curves: readonly Picture[] = [];

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
        return [found, await this.pictures(found)] as const;
      },
      ([found, curves]) => {
        this.comparison = found;
        this.curves = curves;
      }
    );
  }

  /** What lies between the points of a curve. */
  points(run: string, key: string, stretch: Stretch): Promise<readonly CurvePoint[]> {
    return this.client.call('metric.history', { run, key, ...stretch }, this.home);
  }

  /** One picture a metric that more than one of the runs logged often. */
  private async pictures(comparison: RunComparison): Promise<readonly Picture[]> {
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

  protected forget(): void {
    // A comparison is of runs of one workspace.
  }

  protected concerns(events: readonly Event[]): boolean {
    return events.some(event => this.ids.includes(event.subject));
  }
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
