import { DOOR, type Knock } from '../../door';
import type { Review } from '../../wire';
import module from '../../widgets/review';
import { FakeModel, settled } from './fakes';
import { prospect, review } from '../samples';

const approved = review({ status: 'approved', decisions: [] });

/** A page with the extension: what is asked of it, and what it answers to a decision and to a reading. */
function door(answer: () => Promise<Review>, read = () => Promise.resolve(review())): Knock[] {
  const knocks: Knock[] = [];
  const listener = (event: Event): void => {
    const { detail } = event as CustomEvent<Knock | null>;
    event.preventDefault();
    if (detail) {
      knocks.push(detail);
      detail.answer(detail.verdict === null ? read() : answer());
    }
  };
  document.addEventListener(DOOR, listener);
  close = () => {
    document.removeEventListener(DOOR, listener);
  };
  return knocks;
}

let close = (): void => undefined;

function shown(model: FakeModel): HTMLElement {
  const place = document.createElement('div');
  document.body.append(place);
  module.render({ model, el: place });
  return place;
}

const behind = () => new FakeModel({ record: review(), door: 'server', actor: 'ana', error: '' });
const approve = (place: HTMLElement) => {
  place.querySelector<HTMLButtonElement>('[data-verdict=approve]')?.click();
};

afterEach(() => {
  close();
  document.body.replaceChildren();
});

test('where the policy wants the server, the page is asked and the kernel only looks again', async () => {
  const knocks = door(() => Promise.resolve(approved));
  const model = behind();
  const place = shown(model);
  approve(place);
  await settled();
  expect(knocks.map(({ review: id, verdict }) => [id, verdict])).toEqual([
    [review().id, null],
    [review().id, 'approve']
  ]);
  expect(model.sent).toEqual([{ action: 'refresh' }]);
  expect(place.textContent).toContain('Approved: champion moved');
});

test('what the server refuses is said, and can be tried again', async () => {
  const failure = { code: 'forbidden', message: 'not by ana', remedy: 'ask bo', data: {} };
  door(() => Promise.reject(Object.assign(new Error('no'), { failure })));
  const place = shown(behind());
  approve(place);
  await settled();
  expect(place.querySelector('[role=alert]')?.textContent).toContain('not by ana');
  expect(place.querySelector<HTMLButtonElement>('[data-verdict=approve]')?.disabled).toBe(false);
});

test('a page without the extension has no way to the server, and says where there is one', () => {
  const place = shown(behind());
  expect(place.querySelector('[data-verdict]')).toBeNull();
  expect(place.textContent).toContain('MLOps panel');
});

test('behind the server’s door it is the server that says what a decision of this reader would come to', async () => {
  const refused = 'bo made pm25:7, and the policy of pm25 lets nobody approve their own';
  const knocks = door(
    () => Promise.resolve(approved),
    () => Promise.resolve(review({ prospect: prospect({ says: refused, refused }) }))
  );
  const model = behind();
  const mine = prospect({ name: 'ana', uncounted: 'it comes through the notebook', server: true });
  model.set({ record: review({ prospect: mine }) });
  const place = shown(model);
  expect(place.textContent).toContain('asking the server');
  expect(place.textContent).not.toContain('it comes through the notebook');
  await settled();
  expect(place.querySelector('.jmlops-prospect')?.textContent).toContain(refused);
  expect(place.querySelector<HTMLButtonElement>('[data-verdict=approve]')?.disabled).toBe(true);
  model.trigger('change');
  expect(knocks).toHaveLength(1);
  model.set({ record: review({ decisions: [], required: 2 }) });
  await settled();
  expect(knocks).toHaveLength(2);
});

test('where the server does not say what would come of it, the buttons are there all the same', async () => {
  door(
    () => Promise.resolve(approved),
    () => Promise.reject(new Error('no answer'))
  );
  const place = shown(behind());
  await settled();
  expect(place.textContent).toContain('in the name you are signed in with');
  expect(place.querySelector<HTMLButtonElement>('[data-verdict=approve]')?.disabled).toBe(false);
});

test('the outcome gets the focus once, and not while the reader types elsewhere', async () => {
  door(() => Promise.resolve(approved));
  const model = behind();
  const place = shown(model);
  const outcome = () => place.querySelector<HTMLElement>('.jmlops-outcome');
  approve(place);
  await settled();
  expect(document.activeElement).toBe(outcome());
  outcome()?.blur();
  model.trigger('change');
  expect(document.activeElement).toBe(document.body);

  const other = shown(behind());
  const field = document.body.appendChild(document.createElement('textarea'));
  approve(other);
  field.focus();
  await settled();
  expect(other.querySelector('.jmlops-outcome')).not.toBeNull();
  expect(document.activeElement).toBe(field);
});

test('an output that is drawn before it is in the page asks the server as soon as it is there', async () => {
  const knocks = door(
    () => Promise.resolve(approved),
    () => Promise.resolve(review({ prospect: prospect({ says: 'approving will move it' }) }))
  );
  const place = document.createElement('div');
  module.render({ model: behind(), el: place });
  await settled();
  expect(knocks).toHaveLength(0);
  document.body.append(place);
  await settled();
  await settled();
  expect(knocks).toHaveLength(1);
  expect(place.textContent).toContain('approving will move it');
});

test.each(['rejected', 'withdrawn', 'expired', 'lapsed'] as const)(
  'an output has no way to a new review: of one that is %s it offers none',
  status => {
    const place = shown(
      new FakeModel({ record: review({ status }), door: 'kernel', error: '', frozen: true })
    );
    expect(place.querySelector('.jmlops-outcome')).not.toBeNull();
    expect(place.querySelector('footer button')).toBeNull();
  }
);
