import './page';
import { homeOf } from '../../models/home';
import { TableModel } from '../../models/table';
import { Watch } from '../../models/watch';
import { TablePanel } from '../../panels/table';
import { untranslated } from '../../views/words';
import { StubServer } from '../models/client';

const state = (folder: string | null) =>
  ({ folder, root: '/srv', kept: true, disabled: false }) as Parameters<typeof homeOf>[1];

function panel(place: string, folder: string | null): TablePanel {
  const stub = new StubServer({});
  return new TablePanel(
    new TableModel(stub, new Watch(stub), place),
    untranslated as never,
    homeOf(place, state(folder)),
    { open: () => undefined, compare: () => undefined }
  );
}

test('each workspace has a table of its own, and its notebooks have the same', () => {
  const air = panel('air/a.ipynb', '/srv/air/.mlops');
  const rain = panel('rain/a.ipynb', '/srv/rain/.mlops');
  expect(air.id).not.toBe(rain.id);
  expect(panel('air/deep/b.ipynb', '/srv/air/.mlops').id).toBe(air.id);
  expect([air.title.label, rain.title.label]).toEqual(['Runs of air', 'Runs of rain']);
  expect(air.id).toMatch(/^jupyter-mlops-table-\w+$/);
});

test('where a workspace has no folder its notebook tells its table apart', () => {
  expect(panel('a.ipynb', null).id).not.toBe(panel('b.ipynb', null).id);
  expect(panel('a.ipynb', null).title.label).toBe('Runs');
});
