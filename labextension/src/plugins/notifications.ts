/** Messages about jobs, as notifications of JupyterLab. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Poll } from '@lumino/polling';
import { NotificationsModel, type Toast } from '../models/notifications';
import { CommandIds, IMlopsClient, IMlopsWatch, NAMESPACE, PluginIds } from '../tokens';

const SECONDS = 20;
const LONGEST_PAUSE = 300;

export const notificationsPlugin: JupyterFrontEndPlugin<void> = {
  id: PluginIds.notifications,
  description: 'Shows the messages about jobs that somebody subscribed to for JupyterLab.',
  autoStart: true,
  requires: [IMlopsClient, IMlopsWatch],
  optional: [ITranslator, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    client: IMlopsClient,
    watch: IMlopsWatch,
    translator: ITranslator | null,
    settings: ISettingRegistry | null
  ): void => {
    const { commands, serviceManager, restored } = app;
    const trans = (translator ?? nullTranslator).load(NAMESPACE);
    const model = new NotificationsModel(
      client,
      watch,
      trans,
      window.localStorage,
      serviceManager.serverSettings.baseUrl
    );
    const show = ({ message, type, autoClose, job }: Toast): void => {
      const label = job ? trans.__('Open the job') : trans.__('Show the jobs');
      const callback = (): void => void commands.execute(CommandIds.showJobs, job ? { job } : {});
      Notification.emit(message, type, {
        autoClose,
        actions: job === null ? [] : [{ label, callback }]
      });
    };
    let wanted = false;
    const poll = new Poll({
      auto: false,
      name: PluginIds.notifications,
      standby: 'when-hidden',
      linger: 0,
      frequency: { interval: SECONDS * 1000, backoff: true, max: LONGEST_PAUSE * 1000 },
      factory: async () => {
        const toasts = await model.look();
        if (wanted) {
          toasts.forEach(show);
        }
      }
    });
    watch.moved.connect(() => {
      // The notebook in front may be another workspace's.
      if (wanted) {
        void poll.refresh();
      }
    });
    const want = (on: boolean): void => {
      wanted = on;
      void (on ? poll.start() : poll.stop());
    };
    const begin = async (): Promise<void> => {
      await restored;
      const found = await settings?.load(PluginIds.panel).catch(() => null);
      const apply = (): void => {
        want(found?.composite.notifications !== false);
      };
      found?.changed.connect(apply);
      apply();
    };
    void begin();
  }
};
