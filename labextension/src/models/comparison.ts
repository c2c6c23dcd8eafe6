/** Two or more runs beside each other, with the curves they have in common. */

import type { IMlopsClient, IMlopsWatch } from '../tokens';
import type { Event, RunComparison } from '../wire';
import { Loading } from './loading';
import { type Curve, MOST_POINTS } from './run';

const MOST_PICTURES = 3;
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

  private async pictures({ runs, metrics }: RunComparison): Promise<readonly Picture[]> {
    const shown = runs.slice(0, MOST_LINES);
    const names = metrics.filter(row => row.values.every(value => value !== null)).slice(0, MOST_PICTURES);
    const all = await Promise.all(
      names.map(async ({ name }) => ({
        name,
        series: await Promise.all(
          shown.map(async run => ({
            name: run.name,
            points: await this.client.call(
              'metric.history',
              { run: run.id, key: name, most: MOST_POINTS },
              this.home
            )
          }))
        )
      }))
    );
    return all.filter(picture => picture.series.some(line => line.points.length > 1));
  }

  protected forget(): void {
    // A comparison is of runs of one workspace.
  }

  protected concerns(events: readonly Event[]): boolean {
    return events.some(event => this.ids.includes(event.subject));
  }
}
