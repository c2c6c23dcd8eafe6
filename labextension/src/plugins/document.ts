/** Tells each notebook's kernel in which order its cells stand. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, NotebookActions, type Notebook, type NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { DocumentReporter, type DocumentComm, type DocumentKernel } from '../models/document';
import { PluginIds } from '../tokens';

export const documentPlugin: JupyterFrontEndPlugin<void> = {
  id: PluginIds.document,
  description: 'Tells a notebook’s kernel the order of its cells, so that a run can be graded.',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (app: JupyterFrontEnd, notebooks: INotebookTracker): void => {
    const reporters = new Map<Notebook, DocumentReporter>();
    notebooks.widgetAdded.connect((_, panel) => {
      const reporter = reporterOf(app, panel);
      const { content, sessionContext } = panel;
      reporters.set(content, reporter);
      const serve = (): void => {
        const kernel = sessionContext.session?.kernel;
        void reporter.serve(kernel ? asDocumentKernel(kernel) : null);
      };
      sessionContext.kernelChanged.connect(serve);
      serve();
      panel.disposed.connect(() => {
        reporter.leave();
        reporters.delete(content);
      });
    });
    // This fires before the request is sent: what is reported now arrives before the cell begins.
    NotebookActions.executionScheduled.connect((_, { notebook }) => {
      reporters.get(notebook)?.report();
    });
  }
};

function reporterOf(app: JupyterFrontEnd, panel: NotebookPanel): DocumentReporter {
  return new DocumentReporter({
    order: () => Array.from(panel.content.model?.cells ?? [], cell => cell.id),
    path: () => app.serviceManager.contents.localPath(panel.context.path)
  });
}

function asDocumentKernel(kernel: Kernel.IKernelConnection): DocumentKernel {
  const targets = new Map<(comm: DocumentComm) => void, (comm: Kernel.IComm) => void>();
  return {
    registerCommTarget: (target, opened) => {
      const listener = (comm: Kernel.IComm): void => {
        opened(comm);
      };
      targets.set(opened, listener);
      kernel.registerCommTarget(target, listener);
    },
    removeCommTarget: (target, opened) => {
      const listener = targets.get(opened);
      if (listener && !kernel.isDisposed) {
        kernel.removeCommTarget(target, listener);
      }
    },
    openComms: async target => {
      await kernel.info;
      const { content } = await kernel.requestCommInfo({ target_name: target });
      return content.status === 'ok'
        ? Object.keys(content.comms)
            .filter(id => !kernel.hasComm(id))
            .map(id => kernel.createComm(target, id) as DocumentComm)
        : [];
    }
  };
}
