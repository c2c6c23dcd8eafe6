import { clientPlugin, watchPlugin } from './plugins/client';
import { documentPlugin } from './plugins/document';
import { doorPlugin } from './plugins/door';
import { jobsPlugin } from './plugins/jobs';
import { modelsPlugin } from './plugins/models';
import { notificationsPlugin } from './plugins/notifications';
import { panelPlugin } from './plugins/panel';
import { reviewsPlugin } from './plugins/reviews';
import { runsPlugin } from './plugins/runs';

export default [
  clientPlugin,
  watchPlugin,
  panelPlugin,
  runsPlugin,
  modelsPlugin,
  jobsPlugin,
  reviewsPlugin,
  notificationsPlugin,
  documentPlugin,
  doorPlugin
];
