import { drawBoard } from '../../views/board';
import { drawJobs } from '../../views/jobs';
import { drawReviews } from '../../views/reviews';
import { untranslated } from '../../views/words';
import { job, NOW, review } from '../samples';

const setting = { trans: untranslated, now: () => NOW };
const failure = { code: 'unavailable', message: 'no answer', remedy: '', data: {} };
const place = (): HTMLElement => document.body.appendChild(document.createElement('div'));

const version = (number: number) =>
  ({
    model: 'pm25',
    version: number,
    kind: 'sklearn.Ridge',
    size: 1,
    created: '2026-01-01T00:00:00Z',
    digest: 'd'.repeat(64),
    run: null
  }) as never;
const shelf = {
  model: { name: 'pm25', description: '' } as never,
  versions: [7, 6, 5, 4, 3, 2, 1].map(version),
  aliases: []
};

test('reviews that are known stay when no newer answer comes', () => {
  const here = place();
  drawReviews(here, { reviews: [review()], failure }, setting);
  expect(here.querySelector('[role=alert]')?.textContent).toContain('no answer');
  expect(here.querySelectorAll('li')).toHaveLength(1);
  drawReviews(here, { failure }, setting);
  expect(here.querySelector('li')).toBeNull();
});

test('a list that is cut off says of how many', () => {
  const here = place();
  drawReviews(here, { reviews: [review()], total: 1260 }, setting);
  expect(here.textContent).toContain('1 of 1,260 reviews, the open ones first.');
  const many = Array.from({ length: 1001 }, (_, n) => review({ id: `r${n}` }));
  drawReviews(here, { reviews: many, total: 1260 }, setting);
  expect(here.textContent).toContain('1,001 of 1,260 reviews, the open ones first.');
  drawReviews(here, { reviews: [review()], total: 1 }, setting);
  expect(here.textContent).not.toContain('1 reviews');
  drawBoard(here, { shelves: [shelf], cut: [{ of: 'versions', shown: 1000, total: 1260 }] }, setting);
  expect(here.textContent).toContain('1,000 of 1,260 versions');
});

test('what is said above a list leaves its rows, their focus and their folds as they are', () => {
  const jobs = place();
  const cancel = (): void => undefined;
  drawJobs(jobs, { jobs: [job()], total: 1 }, { ...setting, cancel });
  const button = jobs.querySelector('button');
  button?.focus();
  drawJobs(jobs, { jobs: [job()], total: 1, failure }, { ...setting, cancel });
  expect(document.activeElement).toBe(button);

  const models = place();
  drawBoard(models, { shelves: [shelf] }, setting);
  const fold = models.querySelector('details');
  fold?.setAttribute('open', '');
  drawBoard(models, { shelves: [shelf], failure }, setting);
  expect(models.querySelector('details[open]')).toBe(fold);
  expect(models.querySelector('[role=alert]')).not.toBeNull();
});

test('a list that is known to be empty says as well why no newer answer came, and what was refused', () => {
  const here = place();
  const alert = () => here.querySelector('[role=alert]')?.textContent;
  drawBoard(here, { shelves: [], failure }, setting);
  expect(alert()).toContain('no answer');
  drawBoard(here, { shelves: [] }, setting);
  expect([alert(), here.textContent.includes('No models yet.')]).toEqual([undefined, true]);
  const jobs = place();
  const refusal = { ...failure, message: 'not by ana' };
  const said = () => jobs.querySelector('[role=alert]')?.textContent;
  drawJobs(jobs, { jobs: [], total: 0, failure }, setting);
  expect(said()).toContain('no answer');
  drawJobs(jobs, { jobs: [], total: 0, refusal }, setting);
  expect(said()).toContain('not by ana');
  drawJobs(jobs, { jobs: [], total: 0, failure, refusal }, setting);
  expect(said()).toContain('no answer');
  drawJobs(jobs, { jobs: [], total: 0 }, setting);
  expect([said(), jobs.textContent.includes('No jobs yet.')]).toEqual([undefined, true]);
});

test('whoever clicks on “Review” knows before whether one will be opened', () => {
  const here = place();
  const clicked: string[] = [];
  const openReview = (reference: string): unknown => clicked.push(reference);
  const buttons = () => [...here.querySelectorAll<HTMLElement>('.jmlops-quiet')];
  const names = () =>
    buttons()
      .map(button => [button.textContent, button.getAttribute('aria-label'), button.title])
      .slice(0, 2);
  const named = (word: string, name: string) => [word, name, name];
  drawBoard(here, { shelves: [shelf], reviewed: new Set(['pm25:6']) }, { ...setting, openReview });
  expect(names()).toEqual([
    named('Ask for a review', 'Ask for a review of pm25:7: it has none yet'),
    named('Review', 'Review pm25:6')
  ]);
  buttons()[0]?.click();
  expect(clicked).toEqual(['pm25:7']);
  drawBoard(here, { shelves: [shelf] }, { ...setting, openReview });
  expect(names()).toEqual([named('Review', 'Review pm25:7'), named('Review', 'Review pm25:6')]);
});

test('a notebook with more cells than squares has its progress in words', () => {
  const here = place();
  const progress = { index: 34, total: 80, cell: null, source: 'fit(x)', started: null };
  drawJobs(here, { jobs: [job({ progress })], total: 1 }, setting);
  expect(here.querySelector('.jmlops-strip')?.textContent).toBe('34 of 80 cellsfit(x)');
});
