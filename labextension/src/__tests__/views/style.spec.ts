// Of Node.js there are no types here: what is built knows only the page.
const { readFileSync } = jest.requireActual<{ readFileSync: (path: string, encoding: string) => string }>(
  'node:fs'
);

const sheet = readFileSync('style/views.css', 'utf8');
const edgeOf = (selector: string): string | undefined =>
  new RegExp(`\\${selector} \\{[^}]*border-inline-start(?:-color)?:[^;]*var\\(--jmlops-(\\w+)\\)`).exec(
    sheet
  )?.[1];

test('a headline says well or ill by its edge only where that was found', () => {
  expect(edgeOf('.jmlops-headline')).toBe('border');
  expect(edgeOf('.jmlops-headline-good')).toBe('good');
  expect(edgeOf('.jmlops-headline-warn')).toBe('warn');
});
