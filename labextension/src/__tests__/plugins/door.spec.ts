import { FakeApp, activated } from './host';
import { knock, hasDoor } from '../../door';
import { Watch } from '../../models/watch';
import { doorPlugin } from '../../plugins/door';
import { StubServer } from '../models/client';
import { settled } from '../panels/page';
import { review } from '../samples';

const panel = { node: document.createElement('div'), context: { path: 'drive:air/a.ipynb' } };
const notebooks = {
  find: (wanted: (found: typeof panel) => boolean) => [panel].find(found => wanted(found))
};
const stub = new StubServer({
  'workspace.show': () => ({ kept: true }),
  'ledger.history': () => [],
  'review.get': () => review(),
  'review.decide': () => review({ status: 'approved' })
});
const watch = new Watch(stub);
const output = panel.node.appendChild(document.createElement('div'));

beforeAll(() => {
  document.body.append(panel.node);
  expect(hasDoor()).toBe(false);
  activated(doorPlugin, new FakeApp(), stub, watch, notebooks);
});

beforeEach(() => {
  stub.asked.length = 0;
});

test('a page with the extension has a door', () => {
  expect(hasDoor()).toBe(true);
  expect(stub.asked).toEqual([]);
});

test('a review is read at the place of the notebook that shows it', async () => {
  watch.moveTo('other/b.ipynb');
  await expect(knock(output, 'r')).resolves.toEqual(review());
  await expect(knock(document.body, 'r')).resolves.toEqual(review());
  expect(stub.asked).toEqual([
    ['review.get', { review: 'r' }, 'air/a.ipynb'],
    ['review.get', { review: 'r' }, 'other/b.ipynb']
  ]);
});

test('what is new is looked for once the decision is stored', async () => {
  let store: (found: unknown) => void = () => undefined;
  stub.answers['review.decide'] = () => new Promise(resolve => (store = resolve));
  const reply = knock(output, 'r', 'approve', 'why');
  await settled();
  expect(stub.asked).toEqual([
    ['review.decide', { review: 'r', verdict: 'approve', comment: 'why' }, 'air/a.ipynb']
  ]);
  store(review({ status: 'approved' }));
  expect((await reply)?.status).toBe('approved');
  await settled();
  expect(stub.times('ledger.history')).toBe(1);
});

test('a refusal reaches whoever knocked, and what it changed is looked for', async () => {
  delete stub.answers['review.decide'];
  await expect(knock(output, 'r', 'approve')).rejects.toThrow('review.decide');
  await settled();
  expect(stub.times('ledger.history')).toBe(1);
});
