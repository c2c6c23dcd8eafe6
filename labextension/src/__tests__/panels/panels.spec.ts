import { drawn, settled } from './page';
import './frame';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { JobsModel } from '../../models/jobs';
import { LaunchModel } from '../../models/launch';
import { ReviewModel } from '../../models/reviews';
import { RunModel } from '../../models/run';
import { RunsModel } from '../../models/runs';
import { Watch } from '../../models/watch';
import { JobsPanel } from '../../panels/jobs';
import { LaunchPanel } from '../../panels/launch';
import { ReviewPanel } from '../../panels/reviews';
import { RunPanel, RunsPanel } from '../../panels/runs';
import { Sidebar } from '../../panels/sidebar';
import { untranslated } from '../../views/words';
import { StubServer, type Answers } from '../models/client';
import { job, review, run } from '../samples';

const trans = untranslated as never;
const nothing = (): void => undefined;

function server(answers: Answers) {
  const stub = new StubServer({ 'workspace.show': () => ({}), 'ledger.history': () => [], ...answers });
  return { stub, watch: new Watch(stub) };
}

async function attached<W extends Widget>(widget: W): Promise<W> {
  Widget.attach(widget, document.body);
  await drawn();
  return widget;
}

const within = (widget: Widget, selector: string) => widget.node.querySelector<HTMLElement>(selector);

afterEach(() => {
  document.body.replaceChildren();
});

test('a notebook that cannot be opened from a card is said on it', async () => {
  const { stub, watch } = server({
    'run.get': () => run({ source: { ...run().source, cells: null, rests_on: [7] } }),
    'artifact.find': () => ({ items: [], total: 0 }),
    'run.curves': () => [],
    'workspace.show': () => ({ folder: null, root: '/srv', kept: true })
  });
  const model = new RunModel(stub, watch, run().id);
  const actions = {
    open: nothing,
    compare: nothing,
    registered: nothing,
    notebook: () => Promise.reject(new Error('the file browser is gone'))
  };
  const card = await attached(new RunPanel(model, trans, actions));
  [...card.node.querySelectorAll('button')].find(button => button.textContent === 'train.ipynb')?.click();
  await drawn();
  expect(within(card, '[role=alert]')?.textContent).toContain('the file browser is gone');
  card.dispose();
});

test('the outcome of a decision made in the panel gets the focus that its button had', async () => {
  let status: 'open' | 'approved' = 'open';
  const { stub, watch } = server({
    'review.show': () => review({ status }),
    'review.decide': () => {
      status = 'approved';
      return review({ status });
    }
  });
  const panel = await attached(new ReviewPanel(new ReviewModel(stub, watch, 'r'), trans, nothing, nothing));
  const approve = within(panel, '[data-verdict=approve]');
  approve?.focus();
  approve?.click();
  await drawn();
  expect(within(panel, '.jmlops-outcome')).not.toBeNull();
  expect(document.activeElement).toBe(within(panel, '.jmlops-outcome'));
  panel.dispose();
});

test('an outcome does not take the focus from whoever is elsewhere by then', async () => {
  let decide: (found: unknown) => void = nothing;
  let status: 'open' | 'approved' = 'open';
  const { stub, watch } = server({
    'review.show': () => review({ status }),
    'review.decide': () => new Promise(resolve => (decide = resolve))
  });
  const panel = await attached(new ReviewPanel(new ReviewModel(stub, watch, 'r'), trans, nothing, nothing));
  within(panel, '[data-verdict=approve]')?.click();
  const field = document.body.appendChild(document.createElement('textarea'));
  field.focus();
  status = 'approved';
  decide(review({ status }));
  await drawn();
  expect(within(panel, '.jmlops-outcome')).not.toBeNull();
  expect(document.activeElement).toBe(field);
  panel.dispose();
});

test('the job that a message leads to gets the focus once it is listed, and only then', async () => {
  let old: (found: unknown) => void = nothing;
  const { stub, watch } = server({
    'job.find': () => ({ items: [job({ id: 'new' })], total: 2 }),
    'job.get': () => new Promise(resolve => (old = resolve))
  });
  const panel = await attached(new JobsPanel(new JobsModel(stub, watch), trans, nothing));
  const seen = jest.fn();
  HTMLElement.prototype.scrollIntoView = seen;
  panel.lead('old');
  await drawn();
  expect(seen).not.toHaveBeenCalled();
  old(job({ id: 'old' }));
  await drawn();
  expect(document.activeElement).toBe(within(panel, '[data-job=old]'));
  const field = document.body.appendChild(document.createElement('textarea'));
  field.focus();
  panel.update();
  await drawn();
  expect([document.activeElement, seen.mock.calls.length]).toEqual([field, 1]);
  panel.dispose();
});

test('a form that closes with the focus in it gives it back, and only then', async () => {
  const { stub } = server({ 'job.inspect': () => [], 'job.submit': () => job() });
  const left: string[] = [];
  const form = async (name: string) => {
    const model = new LaunchModel(stub, { path: name, save: () => Promise.resolve() });
    return attached(new LaunchPanel(model, trans, { started: nothing, left: () => left.push(name) }));
  };
  const closed = await form('closed');
  [...closed.node.querySelectorAll('button')].find(button => button.type === 'button')?.focus();
  closed.dispose();
  closed.dispose();
  expect(left).toEqual(['closed']);
  const other = await form('other');
  (document.activeElement as HTMLElement).blur();
  other.dispose();
  await settled();
  expect(left).toEqual(['closed']);
});

test('the way back leads the focus to where it came from', async () => {
  const { watch } = server({});
  const sidebar = new Sidebar(watch, trans);
  const section = new Widget();
  const link = section.node.appendChild(document.createElement('button'));
  sidebar.content.addWidget(section);
  await attached(sidebar);
  link.focus();
  const large = new Widget();
  sidebar.cover(large);
  MessageLoop.flush();
  const back = within(sidebar, '.jp-jmlops-over button');
  back?.focus();
  back?.click();
  expect(large.isDisposed).toBe(true);
  expect(document.activeElement).toBe(link);
  sidebar.dispose();
});

test('a new review that is asked for in the panel is opened, and where it is refused that is said', async () => {
  let refused = true;
  const { stub, watch } = server({
    'review.show': () => review({ status: 'rejected' }),
    'review.open': () => {
      if (refused) {
        throw new Error('not while the policy says so');
      }
      return review({ id: 'next' });
    }
  });
  const opened: string[] = [];
  const model = new ReviewModel(stub, watch, 'r');
  const panel = await attached(new ReviewPanel(model, trans, nothing, id => opened.push(id)));
  const button = () =>
    [...panel.node.querySelectorAll('button')].find(found => found.textContent === 'Ask for a new review');
  button()?.click();
  await drawn();
  expect(within(panel, 'footer [role=alert]')?.textContent).toContain('not while the policy says so');
  expect([opened, button()?.disabled]).toEqual([[], false]);
  refused = false;
  button()?.click();
  await drawn();
  expect(opened).toEqual(['next']);
  expect(within(panel, '[role=alert]')).toBeNull();
  panel.dispose();
});

test('the experiments in the panel are those of the workspace that is looked at, with what is archived or without', async () => {
  const asked: unknown[] = [];
  const { stub, watch } = server({
    'run.find': () => ({ items: [], total: 0, cursor: null }),
    'run.experiments': (given, place) => {
      asked.push([place, given]);
      return [{ name: place.replace('.ipynb', ''), runs: 2, below: 2, newest: null }];
    }
  });
  watch.moveTo('air.ipynb');
  const model = new RunsModel(stub, watch);
  const panel = await attached(
    new RunsPanel(model, trans, { open: nothing, compare: nothing, table: nothing })
  );
  const attention = model.attend();
  const named = (): readonly (string | null)[] =>
    [...panel.node.querySelectorAll('.jmlops-folder')].map(button => button.textContent);
  const fold = () => within(panel, '.jmlops-folders')?.closest('details');
  const open = async (): Promise<void> => {
    fold()?.setAttribute('open', '');
    await drawn();
  };
  await open();
  expect(named()).toEqual(['air 2']);
  watch.moveTo('rain.ipynb');
  await drawn();
  expect([fold()?.open, named()]).toEqual([false, []]);
  await open();
  expect(named()).toEqual(['rain 2']);
  await model.search('', true);
  await drawn();
  expect(fold()?.open).toBe(false);
  await open();
  expect(asked).toEqual([
    ['air.ipynb', { archived: false }],
    ['rain.ipynb', { archived: false }],
    ['rain.ipynb', { archived: true }]
  ]);
  attention.dispose();
  panel.dispose();
});
