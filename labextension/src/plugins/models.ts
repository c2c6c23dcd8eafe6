/** Models: the section with versions and aliases. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ModelsModel } from '../models/models';
import { ModelsPanel } from '../panels/models';
import { CommandIds, IMlopsClient, IMlopsPanel, IMlopsWatch, NAMESPACE, PluginIds } from '../tokens';

export const modelsPlugin: JupyterFrontEndPlugin<void> = {
  id: PluginIds.models,
  description: 'Models in the side panel: versions, aliases, and the way to a review.',
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
    const section = new ModelsPanel(new ModelsModel(client, watch), trans, {
      openRun: run => void commands.execute(CommandIds.openRun, { run }),
      openReview: reference => void commands.execute(CommandIds.openReview, { reference })
    });
    panel.addSection(section, 20);
    commands.addCommand(CommandIds.showModels, {
      label: trans.__('Show Models'),
      execute: () => {
        panel.reveal(section);
      }
    });
    palette?.addItem({ command: CommandIds.showModels, category: trans.__('MLOps') });
  }
};
