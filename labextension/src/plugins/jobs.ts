/** Jobs: the section, and "Run as job" in a notebook's toolbar. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { JobsModel } from '../models/jobs';
import { LaunchModel } from '../models/launch';
import { jobIcon } from '../panels/icon';
import { JobsPanel } from '../panels/jobs';
import { LaunchPanel } from '../panels/launch';
import { CommandIds, IMlopsClient, IMlopsPanel, IMlopsWatch, NAMESPACE, PluginIds } from '../tokens';

export const jobsPlugin: JupyterFrontEndPlugin<void> = {
  id: PluginIds.jobs,
  description: 'Jobs in the side panel, and “Run as job” in the toolbar of notebooks.',
  autoStart: true,
  requires: [IMlopsClient, IMlopsWatch, IMlopsPanel],
  optional: [INotebookTracker, ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    client: IMlopsClient,
    watch: IMlopsWatch,
    panel: IMlopsPanel,
    notebooks: INotebookTracker | null,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ): void => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load(NAMESPACE);
    const model = new JobsModel(client, watch);
    const section = new JobsPanel(model, trans, run => void commands.execute(CommandIds.openRun, { run }));
    panel.addSection(section, 30);

    const forms = new WeakMap<NotebookPanel, LaunchPanel>();
    const launch = (notebook: NotebookPanel): void => {
      const { context } = notebook;
      const open = forms.get(notebook);
      if (open && !open.isDisposed) {
        open.dispose();
        return;
      }
      const launchable = {
        // A notebook can be renamed while its form is open.
        get path() {
          return app.serviceManager.contents.localPath(context.path);
        },
        save: () => (context.model.dirty ? context.save() : Promise.resolve())
      };
      const form = new LaunchPanel(new LaunchModel(client, launchable), trans, {
        started: () => {
          panel.reveal(section);
          void watch.look();
        },
        left: () => {
          if (!notebook.isDisposed) {
            notebook.content.activate();
          }
        }
      });
      forms.set(notebook, form);
      notebook.contentHeader.addWidget(form);
    };

    commands.addCommand(CommandIds.showJobs, {
      label: trans.__('Show Jobs'),
      describedBy: {
        args: {
          type: 'object',
          properties: { job: { type: 'string', description: 'The id of one to bring into sight' } }
        }
      },
      execute: ({ job }) => {
        panel.reveal(section);
        if (typeof job === 'string') {
          section.lead(job);
        }
      }
    });
    commands.addCommand(CommandIds.runAsJob, {
      label: args => (args.toolbar === true ? trans.__('Run as job') : trans.__('Run Notebook as Job…')),
      caption: trans.__('Run this notebook with other parameters, in a process of its own'),
      icon: args => (args.toolbar === true ? undefined : jobIcon),
      isEnabled: () => Boolean(notebooks?.currentWidget),
      execute: () => {
        if (notebooks?.currentWidget) {
          launch(notebooks.currentWidget);
        }
      }
    });
    notebooks?.currentChanged.connect(() => {
      commands.notifyCommandChanged(CommandIds.runAsJob);
    });
    for (const command of [CommandIds.runAsJob, CommandIds.showJobs]) {
      palette?.addItem({ command, category: trans.__('MLOps') });
    }
  }
};
