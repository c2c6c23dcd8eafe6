/** Reviews: the section, and the evidence with its decision. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { failureOf } from '../models/loading';
import { ReviewModel, ReviewsModel } from '../models/reviews';
import { ReviewPanel, ReviewsPanel } from '../panels/reviews';
import { CommandIds, IMlopsClient, IMlopsPanel, IMlopsWatch, NAMESPACE, PluginIds } from '../tokens';

export const reviewsPlugin: JupyterFrontEndPlugin<void> = {
  id: PluginIds.reviews,
  description: 'Reviews in the side panel: the evidence, and the decision posted to the server.',
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
    const section = new ReviewsPanel(new ReviewsModel(client, watch), trans, review => {
      void commands.execute(CommandIds.openReview, { review });
    });
    panel.addSection(section, 40);

    /** The review of a version: the one there is, as a click on it means to look; only without any a new one. */
    const idOf = async (reference: string, place: string): Promise<string | null> => {
      try {
        const review = await client.call('review.show', { reference }, place).catch((error: unknown) => {
          if (failureOf(error).code !== 'not_found') {
            throw error;
          }
          return client.call('review.open', { reference }, place);
        });
        return review.id;
      } catch (error) {
        const { message, remedy } = failureOf(error);
        Notification.error(`${message} ${remedy}`.trim());
        return null;
      }
    };

    commands.addCommand(CommandIds.showReviews, {
      label: trans.__('Show Reviews'),
      execute: () => {
        panel.reveal(section);
      }
    });
    commands.addCommand(CommandIds.openReview, {
      label: trans.__('Open a Review'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            review: { type: 'string', description: 'A review’s id' },
            reference: { type: 'string', description: 'In its place: a version, name:7' },
            place: { type: 'string', description: 'A notebook’s path; by default the one in front' }
          }
        }
      },
      execute: async args => {
        const place = typeof args.place === 'string' ? args.place : watch.place;
        const { review: id, reference } = args;
        const review =
          typeof id === 'string' ? id : typeof reference === 'string' ? await idOf(reference, place) : null;
        if (review !== null) {
          const shown = new ReviewPanel(
            new ReviewModel(client, watch, review, place),
            trans,
            run => void commands.execute(CommandIds.openRun, { run, place }),
            other => void commands.execute(CommandIds.openReview, { review: other, place })
          );
          panel.show(shown, { command: CommandIds.openReview, args: { review, place } });
        }
      }
    });
    palette?.addItem({ command: CommandIds.showReviews, category: trans.__('MLOps') });
  }
};
