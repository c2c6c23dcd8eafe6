/** Runs: the section, one run's card, and two beside each other. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { DocumentWidget } from '@jupyterlab/docregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ComparisonModel } from '../models/comparison';
import { homeOf } from '../models/home';
import { RunModel } from '../models/run';
import { RunsModel } from '../models/runs';
import { TableModel } from '../models/table';
import { ComparisonPanel } from '../panels/comparison';
import { RunPanel, RunsPanel } from '../panels/runs';
import { TablePanel } from '../panels/table';
import { CommandIds, IMlopsClient, IMlopsPanel, IMlopsWatch, NAMESPACE, PluginIds } from '../tokens';

const texts = { type: 'array', items: { type: 'string' } };
const place = { type: 'string', description: 'A notebook’s path; by default the one in front' };

export const runsPlugin: JupyterFrontEndPlugin<void> = {
  id: PluginIds.runs,
  description: 'Runs in the side panel: look through, open, compare, tag, rename, archive.',
  autoStart: true,
  requires: [IMlopsClient, IMlopsWatch, IMlopsPanel],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    client: IMlopsClient,
    watch: IMlopsWatch,
    panel: IMlopsPanel,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ): void => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load(NAMESPACE);
    const model = new RunsModel(client, watch);
    const openRun = (run: string): void => {
      void commands.execute(CommandIds.openRun, { run });
    };
    const section = new RunsPanel(model, trans, {
      open: openRun,
      compare: runs => {
        void commands.execute(CommandIds.compareRuns, { runs: [...runs] });
      },
      table: () => {
        void commands.execute(CommandIds.showTable);
      }
    });
    panel.addSection(section, 10);

    commands.addCommand(CommandIds.showRuns, {
      label: trans.__('Show Runs'),
      execute: () => {
        panel.reveal(section);
      }
    });
    commands.addCommand(CommandIds.openRun, {
      label: trans.__('Open a Run'),
      describedBy: {
        args: { type: 'object', properties: { run: { type: 'string' }, place }, required: ['run'] }
      },
      execute: args => {
        const { run } = args;
        if (typeof run !== 'string') {
          return;
        }
        const home = typeof args.place === 'string' ? args.place : watch.place;
        const card = new RunPanel(new RunModel(client, watch, run, home), trans, {
          open: other => void commands.execute(CommandIds.openRun, { run: other, place: home }),
          compare: runs => void commands.execute(CommandIds.compareRuns, { runs: [...runs], place: home }),
          registered: reference => void commands.execute(CommandIds.openReview, { reference, place: home }),
          notebook: (paths, cell) => openNotebook(app, paths, cell)
        });
        panel.show(card, { command: CommandIds.openRun, args: { run, place: home } });
      }
    });
    commands.addCommand(CommandIds.compareRuns, {
      label: trans.__('Compare Runs'),
      describedBy: { args: { type: 'object', properties: { runs: texts, place }, required: ['runs'] } },
      execute: args => {
        const runs = Array.isArray(args.runs) ? args.runs.map(String) : model.chosenRuns.map(run => run.id);
        const home = typeof args.place === 'string' ? args.place : watch.place;
        const comparison = new ComparisonPanel(
          new ComparisonModel(client, watch, runs, home),
          trans,
          run => void commands.execute(CommandIds.openRun, { run, place: home })
        );
        panel.show(comparison, { command: CommandIds.compareRuns, args: { runs, place: home } });
      },
      isEnabled: args => Array.isArray(args.runs) || model.chosen.size > 1
    });
    commands.addCommand(CommandIds.showTable, {
      label: trans.__('Show the Runs as a Table'),
      describedBy: { args: { type: 'object', properties: { place } } },
      execute: async args => {
        const home = typeof args.place === 'string' ? args.place : watch.place;
        // Where nobody says which workspace that is, the table itself will say why.
        const state = await client.call('workspace.show', {}, home).catch(() => null);
        const table = new TablePanel(new TableModel(client, watch, home), trans, homeOf(home, state), {
          open: run => void commands.execute(CommandIds.openRun, { run, place: home }),
          compare: runs => void commands.execute(CommandIds.compareRuns, { runs: [...runs], place: home })
        });
        panel.show(table, { command: CommandIds.showTable, args: { place: home } });
      }
    });
    for (const command of [CommandIds.showTable, CommandIds.showRuns, CommandIds.compareRuns]) {
      palette?.addItem({ command, category: trans.__('MLOps') });
    }
  }
};

async function openNotebook(
  { commands, serviceManager }: JupyterFrontEnd,
  paths: readonly string[],
  cell: string | null
): Promise<boolean> {
  for (const path of paths) {
    const there = await serviceManager.contents.get(path, { content: false }).catch(() => null);
    if (there) {
      const opened: unknown = await commands.execute('docmanager:open', { path });
      if (cell !== null && opened instanceof DocumentWidget) {
        opened.setFragment(`#cell-id=${cell}`);
      }
      return true;
    }
  }
  return false;
}
