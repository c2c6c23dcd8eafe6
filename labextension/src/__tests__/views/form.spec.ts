import { drawForm, readForm } from '../../views/form';
import { untranslated } from '../../views/words';
import { parameter } from '../samples';

test('only what differs from the notebook is sent, and what is required must be there', () => {
  const all = [
    parameter('alpha', 'float', { default: 0.3 }),
    parameter('n', 'int', { default: 5 }),
    parameter('who', 'int', { required: true })
  ];
  expect(readForm(all, { alpha: '0.3', n: '6' }, untranslated)).toEqual({
    values: { n: 6 },
    errors: { who: 'who needs a value' }
  });
});

test('a wrong value is marked with its rule and the job cannot start', () => {
  const place = document.body.appendChild(document.createElement('div'));
  const nothing = (): void => undefined;
  drawForm(
    place,
    {
      notebook: 'train.ipynb',
      parameters: [parameter('n', 'int', { default: 5, help: 'how many' })],
      typed: { n: '5.5' },
      experiment: '',
      register: ''
    },
    {
      trans: untranslated,
      type: nothing,
      experiment: nothing,
      register: nothing,
      start: nothing,
      close: nothing
    }
  );
  const field = place.querySelector('[name=parameter-n]');
  expect(field?.getAttribute('aria-invalid')).toBe('true');
  const rule = document.getElementById(field?.getAttribute('aria-describedby') ?? '');
  expect(rule?.textContent).toContain('whole number');
  expect(place.querySelector<HTMLButtonElement>('[type=submit]')?.disabled).toBe(true);
});

test('a text that must be given is asked for, and may be an empty one', () => {
  const all = [parameter('who', 'str', { required: true }), parameter('note', 'str', { default: 'x' })];
  expect(readForm(all, {}, untranslated)).toEqual({ values: {}, errors: { who: 'who needs a value' } });
  expect(readForm(all, { who: '', note: '' }, untranslated)).toEqual({
    values: { who: '', note: '' },
    errors: {}
  });
});

test('two forms of one notebook each point to their own rules, also when they are drawn again', () => {
  const nothing = (): void => undefined;
  const [callback, one, two] = [
    { type: nothing, experiment: nothing, register: nothing, start: nothing, close: nothing },
    ...[1, 2].map(() => document.body.appendChild(document.createElement('div')))
  ];
  for (const place of [one, two, one]) {
    drawForm(
      place,
      {
        notebook: 'a.ipynb',
        parameters: [parameter('n', 'int', { default: 5, help: 'how many' })],
        typed: {},
        experiment: '',
        register: ''
      },
      { trans: untranslated, ...(callback as Record<keyof typeof callback, typeof nothing>) }
    );
  }
  for (const place of [one, two] as HTMLElement[]) {
    const field = place.querySelector('[name=parameter-n]');
    const rule = document.getElementById(field?.getAttribute('aria-describedby') ?? '');
    expect(rule?.textContent).toBe('how many');
    expect(place.contains(rule)).toBe(true);
  }
});
