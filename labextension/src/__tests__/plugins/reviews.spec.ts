import { FakeApp, FakePanel, activated, errors, untranslated } from './host';
import { drawn } from '../panels/page';
import { Widget } from '@lumino/widgets';
import { Watch } from '../../models/watch';
import { reviewsPlugin } from '../../plugins/reviews';
import { CommandIds, ViewIds } from '../../tokens';
import { StubServer, type Answers } from '../models/client';
import { review } from '../samples';

async function opened(answers: Answers) {
  const stub = new StubServer(answers);
  const [app, panel] = [new FakeApp(), new FakePanel()];
  const translator = { load: () => untranslated };
  activated(reviewsPlugin, app, stub, new Watch(stub), panel, translator, null);
  await app.commands.execute(CommandIds.openReview, { reference: 'pm25:7' });
  return { asked: stub.asked.map(([name]) => name), shown: panel.shown, stub };
}

const refusal = (code: string) => () => {
  throw Object.assign(new Error(code), { failure: { code, message: code, remedy: '', data: {} } });
};

beforeEach(() => {
  errors.length = 0;
});

test('a review that there is is only looked at, also one that is closed', async () => {
  const { asked, shown } = await opened({ 'review.show': () => review({ status: 'lapsed' }) });
  expect(asked).toEqual(['review.show']);
  expect(shown).toHaveLength(1);
});

test('a version that has none is put up for one', async () => {
  const { asked, shown } = await opened({
    'review.show': refusal('not_found'),
    'review.open': () => review()
  });
  expect(asked).toEqual(['review.show', 'review.open']);
  expect(shown).toHaveLength(1);
});

test('a server that does not answer opens nothing, and it is said', async () => {
  const { asked, shown } = await opened({ 'review.show': refusal('unavailable') });
  expect(asked).toEqual(['review.show']);
  expect([shown, errors]).toEqual([[], ['unavailable']]);
});

test('a new review asked for in the panel is shown in its place', async () => {
  const { shown, stub } = await opened({
    'workspace.show': () => ({}),
    'ledger.history': () => [],
    'review.show': () => review({ id: 'old', status: 'expired' }),
    'review.open': () => review({ id: 'next' })
  });
  const [old] = shown as unknown as readonly Widget[];
  if (old) {
    Widget.attach(old, document.body);
  }
  await drawn();
  old?.node.querySelector<HTMLButtonElement>('footer button')?.click();
  await drawn();
  expect(stub.asked.filter(([name]) => name === 'review.open').map(([, given]) => given)).toEqual([
    { reference: 'pm25:7', alias: 'champion' }
  ]);
  expect(shown.map(({ id }) => id)).toEqual([ViewIds.review('old'), ViewIds.review('next')]);
  old?.dispose();
});
