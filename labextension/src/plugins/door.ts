/** Answers the door: a widget in a notebook's output asks the server through it and has its decision posted there. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { DOOR, type Knock } from '../door';
import { IMlopsClient, IMlopsWatch, PluginIds } from '../tokens';

export const doorPlugin: JupyterFrontEndPlugin<void> = {
  id: PluginIds.door,
  description: 'Posts the decisions of review widgets to the server where the policy counts no other.',
  autoStart: true,
  requires: [IMlopsClient, IMlopsWatch],
  optional: [INotebookTracker],
  activate: (
    app: JupyterFrontEnd,
    client: IMlopsClient,
    watch: IMlopsWatch,
    notebooks: INotebookTracker | null
  ): void => {
    const placeOf = (target: EventTarget | null): string => {
      const shown = notebooks?.find(panel => target instanceof Node && panel.node.contains(target));
      return shown ? app.serviceManager.contents.localPath(shown.context.path) : watch.place;
    };
    document.addEventListener(DOOR, event => {
      const { detail, target } = event as CustomEvent<Knock | null>;
      event.preventDefault();
      if (detail) {
        const { review, verdict, comment, answer } = detail;
        const place = placeOf(target);
        if (verdict === null) {
          answer(client.call('review.get', { review }, place));
        } else {
          const reply = client.call('review.decide', { review, verdict, comment }, place);
          answer(reply);
          // What is new is there once the decision is stored; what is refused is said where it was made.
          const look = (): void => void watch.look();
          reply.then(look, look);
        }
      }
    });
  }
};
