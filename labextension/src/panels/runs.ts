/** The runs section of the panel, and one run's card. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { failureOf } from '../models/loading';
import type { RunModel } from '../models/run';
import type { RunsModel } from '../models/runs';
import { ViewIds } from '../tokens';
import { drawBrowser } from '../views/browser';
import { draw } from '../views/draw';
import { failureState, loadingState } from '../views/notice';
import { drawRun } from '../views/run';
import { Hosting } from './hosting';

export interface RunsActions {
  readonly open: (run: string) => void;
  readonly compare: (runs: readonly string[]) => void;
  readonly table: () => void;
}

export class RunsPanel extends Hosting<RunsModel> {
  constructor(
    model: RunsModel,
    trans: TranslationBundle,
    private readonly actions: RunsActions
  ) {
    super(model, trans);
    this.id = ViewIds.section('runs');
    this.title.label = trans.__('Runs');
    this.title.caption = trans.__('Tracked executions, the newest first');
  }

  protected draw(): void {
    const { model, trans, actions } = this;
    drawBrowser(
      this.node,
      {
        place: model.watch.place,
        runs: model.runs,
        total: model.total,
        query: model.query,
        archived: model.archived,
        failure: model.failure,
        refusal: model.refusal,
        chosen: model.chosen,
        chosenRuns: model.chosenRuns
      },
      {
        trans,
        open: actions.open,
        table: actions.table,
        choose: (run, chosen) => {
          model.choose(run, chosen);
        },
        more: () => void model.more(),
        experiments: () => model.experiments(),
        search: (query, archived) => void model.search(query, archived),
        compare: runs => {
          actions.compare(runs.map(run => run.id));
        },
        tag: tags => void model.tagChosen(tags),
        rename: (run, name) => void model.rename(run.id, name),
        archive: () => void model.archiveChosen()
      }
    );
  }
}

export interface RunActions {
  readonly open: (run: string) => void;
  readonly compare: (runs: readonly string[]) => void;
  readonly registered: (reference: string) => void;
  /** Open the first of these notebooks that is there, at a cell where one is named; false where none is. */
  readonly notebook: (paths: readonly string[], cell: string | null) => Promise<boolean>;
}

export class RunPanel extends Hosting<RunModel> {
  constructor(
    model: RunModel,
    trans: TranslationBundle,
    private readonly actions: RunActions
  ) {
    super(model, trans);
    this.id = ViewIds.run(model.id);
    this.addClass('jp-jmlops-large');
    this.title.label = trans.__('Run %1', model.id.slice(-6));
    this.title.closable = true;
  }

  protected draw(): void {
    const { model, trans, node, actions } = this;
    const { run, failure } = model;
    if (!run) {
      draw(node, failure ? failureState(failure) : loadingState(trans, 6));
      return;
    }
    this.title.label = run.name;
    drawRun(
      node,
      {
        run,
        beside: model.beside,
        artifacts: model.artifacts,
        curves: model.curves,
        others: model.others,
        failure: failure ?? model.refusal
      },
      {
        trans,
        openRun: actions.open,
        compare: other => {
          actions.compare(model.inOrder(other));
        },
        openNotebook: cell => void this.openNotebook(run.source.notebook ?? '', cell),
        points: (id, key, stretch) => model.points(id, key, stretch),
        look: (id, name) => model.look(id, name),
        rename: name => void model.rename(name),
        note: text => void model.note(text),
        tag: tags => void model.tag(tags),
        archive: archived => void model.archive(archived),
        register: (name, artifact) =>
          void model.register(name, artifact).then(version => {
            if (version) {
              actions.registered(`${version.model}:${version.version}`);
            }
          })
      }
    );
  }

  private async openNotebook(name: string, cell: string | null): Promise<void> {
    const { model, trans, actions } = this;
    try {
      if (!(await actions.notebook(await model.notebooks(), cell))) {
        model.refuse(trans.__('The notebook %1 is not among the files that this server shows.', name));
      }
    } catch (error) {
      const { message, remedy } = failureOf(error);
      model.refuse(message, remedy);
    }
  }
}
