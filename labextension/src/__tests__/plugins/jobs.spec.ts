import { FakeApp, FakePanel, activated, untranslated } from './host';
import { Signal } from '@lumino/signaling';
import type { LaunchPanel } from '../../panels/launch';
import { Watch } from '../../models/watch';
import { jobsPlugin } from '../../plugins/jobs';
import { CommandIds } from '../../tokens';
import { StubServer } from '../models/client';
import { settled } from '../panels/page';
import { job } from '../samples';

test('a notebook that is renamed while its form is open is started where it is now', async () => {
  const stub = new StubServer({ 'job.inspect': () => [], 'job.submit': () => job() });
  const app = new FakeApp();
  const forms: LaunchPanel[] = [];
  const context = { path: 'old.ipynb', model: { dirty: false } };
  const contentHeader = { addWidget: (form: LaunchPanel) => forms.push(form) };
  const notebooks = { currentWidget: { context, contentHeader }, currentChanged: new Signal({}) };
  activated(
    jobsPlugin,
    app,
    stub,
    new Watch(stub),
    new FakePanel(),
    notebooks,
    { load: () => untranslated },
    null
  );
  await app.commands.execute(CommandIds.runAsJob);
  await settled();
  context.path = 'new.ipynb';
  await forms[0]?.model.start({});
  expect(stub.asked.at(-1)).toEqual(['job.submit', { notebook: 'new.ipynb', parameters: {} }, 'new.ipynb']);
});
