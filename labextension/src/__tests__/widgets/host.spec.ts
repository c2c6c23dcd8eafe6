import review from '../../widgets/review';
import { PATIENCE, widgetModule } from '../../widgets/host';
import { FakeModel } from './fakes';
import { review as reviewRecord } from '../samples';

const frame = () => new Promise(resolve => setTimeout(resolve, 40));

function twin(): HTMLElement {
  const element = document.createElement('div');
  element.setAttribute('data-jmlops-twin', 'uid');
  element.textContent = 'still';
  return element;
}

const simple = widgetModule(model => ({
  draw(place) {
    place.textContent = `alive ${String(model.get('record'))}`;
  }
}));

beforeEach(() => {
  document.body.replaceChildren();
});

test('the still twin comes alive, follows the record, and is still again at the end', () => {
  const element = twin();
  document.body.append(element);
  const model = new FakeModel({ twin: 'uid', record: 1 });
  const stop = simple.initialize({ model });
  expect(element.textContent).toBe('alive 1');
  model.set({ record: 2 });
  expect(element.textContent).toBe('alive 2');
  stop();
  expect(element.textContent).toBe('still');
});

test('when its kernel restarts it is still again', () => {
  const element = twin();
  document.body.append(element);
  const model = new FakeModel({ twin: 'uid', record: 1 });
  simple.initialize({ model });
  model.trigger('comm_live_update');
  expect(element.textContent).toBe('still');
  model.set({ record: 2 });
  expect(element.textContent).toBe('still');
});

test('a twin that comes later, or in place of the first, comes alive too', async () => {
  const model = new FakeModel({ twin: 'uid', record: 1 });
  const stop = simple.initialize({ model });
  const late = twin();
  document.body.append(late);
  await frame();
  expect(late.textContent).toBe('alive 1');
  const next = twin();
  late.replaceWith(next);
  await frame();
  expect(next.textContent).toBe('alive 1');
  stop();
});

test('a twin of another record stays still', async () => {
  const other = twin();
  other.setAttribute('data-jmlops-twin', 'somebody-else');
  document.body.append(other);
  const stop = simple.initialize({ model: new FakeModel({ twin: 'uid', record: 1 }) });
  await frame();
  expect(other.textContent).toBe('still');
  stop();
});

test('a click sends the decision; an answer ends the waiting', () => {
  const element = twin();
  document.body.append(element);
  const model = new FakeModel({ twin: 'uid', record: reviewRecord(), busy: false, error: '', frozen: false });
  const stop = review.initialize({ model });
  element.querySelector<HTMLButtonElement>('[data-verdict=approve]')?.click();
  expect(model.sent).toEqual([{ action: 'decide', verdict: 'approve', comment: '' }]);
  expect(element.querySelector<HTMLButtonElement>('[data-verdict=approve]')?.disabled).toBe(true);
  model.set({ error: 'not allowed by the policy' });
  expect(element.querySelector<HTMLButtonElement>('[data-verdict=approve]')?.disabled).toBe(false);
  expect(element.querySelector('[role=alert]')?.textContent).toContain('not allowed by the policy');
  stop();
});

test('when no kernel answers, the command to type takes the place of the buttons', () => {
  jest.useFakeTimers();
  const element = twin();
  document.body.append(element);
  const model = new FakeModel({ twin: 'uid', record: reviewRecord(), busy: false, error: '', frozen: false });
  const stop = review.initialize({ model });
  element.querySelector<HTMLButtonElement>('[data-verdict=approve]')?.click();
  jest.advanceTimersByTime(PATIENCE);
  expect(element.querySelector('[data-verdict]')).toBeNull();
  expect(element.querySelector('code')?.textContent).toContain('review decide');
  stop();
  jest.useRealTimers();
});

test('an answer that comes late is shown all the same', () => {
  jest.useFakeTimers();
  const element = twin();
  document.body.append(element);
  const model = new FakeModel({ twin: 'uid', record: reviewRecord(), busy: false, error: '', frozen: false });
  const stop = review.initialize({ model });
  element.querySelector<HTMLButtonElement>('[data-verdict=approve]')?.click();
  jest.advanceTimersByTime(PATIENCE);
  model.set({ error: 'the policy says no' });
  expect(element.querySelector('[data-verdict=approve]')).not.toBeNull();
  expect(element.textContent).toContain('the policy says no');
  stop();
  jest.useRealTimers();
});
