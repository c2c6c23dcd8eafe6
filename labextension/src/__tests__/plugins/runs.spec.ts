import { FakeApp, FakePanel, activated, untranslated } from './host';
import { Watch } from '../../models/watch';
import { runsPlugin } from '../../plugins/runs';
import { CommandIds } from '../../tokens';
import { StubServer, type Answers } from '../models/client';

const tables = async (answers: Answers, ...places: readonly string[]) => {
  const stub = new StubServer(answers);
  const [app, panel] = [new FakeApp(), new FakePanel()];
  activated(runsPlugin, app, stub, new Watch(stub), panel, { load: () => untranslated }, null);
  for (const place of places) {
    await app.commands.execute(CommandIds.showTable, { place });
  }
  return panel.shown.map(({ id }) => id);
};

test('the table of another workspace is another table', async () => {
  const [air, deep, rain] = await tables(
    {
      'workspace.show': (_: never, place: string) => ({
        folder: `/srv/${place.split('/')[0] ?? ''}/.mlops`,
        root: '/srv'
      })
    },
    'air/a.ipynb',
    'air/deep/b.ipynb',
    'rain/a.ipynb'
  );
  expect(deep).toBe(air);
  expect(rain).not.toBe(air);
});

test('where nobody says which workspace it is, there is a table all the same', async () => {
  expect(await tables({}, 'a.ipynb')).toHaveLength(1);
});
