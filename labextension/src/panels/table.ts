/** Runs as a table, large. */

import type { TranslationBundle } from '@jupyterlab/translation';
import type { Home } from '../models/home';
import type { TableModel } from '../models/table';
import { ViewIds } from '../tokens';
import { drawRunsTable } from '../views/runstable';
import type { RunsActions } from './runs';
import { Hosting } from './hosting';

export class TablePanel extends Hosting<TableModel> {
  constructor(
    model: TableModel,
    trans: TranslationBundle,
    home: Home,
    private readonly actions: Omit<RunsActions, 'table'>
  ) {
    super(model, trans);
    // One for each workspace: what is done to the chosen runs is done in the one they were found in.
    this.id = ViewIds.table(home.key);
    this.addClass('jp-jmlops-large');
    this.title.label = home.name ? trans.__('Runs of %1', home.name) : trans.__('Runs');
    this.title.closable = true;
  }

  protected draw(): void {
    const { model, trans, actions } = this;
    drawRunsTable(
      this.node,
      {
        runs: model.runs,
        total: model.total,
        asked: model.asked,
        query: model.query,
        order: model.order,
        before: model.before,
        more: model.more,
        archived: model.archived,
        busy: model.busy,
        failure: model.failure ?? model.refusal,
        chosen: model.chosen,
        columns: model.columns,
        wantedOver: model.wantedOver,
        grouped: model.grouped,
        curves: model.curves
      },
      {
        trans,
        open: actions.open,
        search: (query, archived) => void model.search(query, archived),
        experiments: () => model.experiments(),
        order: order => void model.orderBy(order),
        turn: forward => void model.turnOver(forward),
        choose: (runs, chosen) => {
          model.choose(runs, chosen);
        },
        group: over => void model.group(over),
        name: columns => {
          model.name(columns);
        },
        compare: () => {
          actions.compare(model.chosenIds);
        },
        tag: tags => void model.tagChosen(tags),
        rename: (run, name) => void model.rename(run.id, name),
        archive: () => void model.archiveChosen(),
        clear: () => {
          model.chooseNone();
        }
      }
    );
  }
}
