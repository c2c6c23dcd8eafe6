/** The connection to the server, and the watch over the open notebook's workspace; both can be replaced. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Client } from '../client';
import { Watch } from '../models/watch';
import { IMlopsClient, IMlopsWatch, PluginIds } from '../tokens';

export const clientPlugin: JupyterFrontEndPlugin<IMlopsClient> = {
  id: PluginIds.client,
  description: 'Calls the operations of jupyter-mlops on the server.',
  autoStart: true,
  provides: IMlopsClient,
  activate: (app: JupyterFrontEnd): IMlopsClient => new Client(app.serviceManager.serverSettings)
};

export const watchPlugin: JupyterFrontEndPlugin<IMlopsWatch> = {
  id: PluginIds.watch,
  description: 'Follows the ledger of the open notebook’s workspace while somebody looks.',
  autoStart: true,
  provides: IMlopsWatch,
  requires: [IMlopsClient],
  optional: [INotebookTracker, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    client: IMlopsClient,
    notebooks: INotebookTracker | null,
    settings: ISettingRegistry | null
  ): IMlopsWatch => {
    const watch = new Watch(client);
    let follows = true;
    const follow = (): void => {
      const notebook = notebooks?.currentWidget;
      if (!follows) {
        watch.moveTo('');
      } else if (notebook) {
        watch.moveTo(app.serviceManager.contents.localPath(notebook.context.path));
      }
    };
    let followed: NotebookPanel['context'] | null = null;
    notebooks?.currentChanged.connect((_, notebook) => {
      // A notebook that is moved may come to lie in another workspace.
      followed?.pathChanged.disconnect(follow);
      followed = notebook?.context ?? null;
      followed?.pathChanged.connect(follow);
      follow();
    });
    void settings?.load(PluginIds.panel).then(found => {
      const apply = (): void => {
        const { pollSeconds, pageSize, followNotebook } = found.composite;
        watch.seconds = typeof pollSeconds === 'number' ? pollSeconds : watch.seconds;
        watch.pageSize = typeof pageSize === 'number' ? pageSize : watch.pageSize;
        follows = followNotebook !== false;
        follow();
      };
      found.changed.connect(apply);
      apply();
    });
    return watch;
  }
};
