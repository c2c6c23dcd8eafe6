import { drawComparison, type CompareRecord } from '../../views/compare';
import { untranslated } from '../../views/words';
import type { Artifact, CodeDifference, OutputChange, Run, RunComparison } from '../../wire';
import { NOW, run } from '../samples';

const named = (name: string): Run => run({ id: name.padStart(26, '0'), name });

const comparison = (names: readonly string[], more: Partial<RunComparison>): RunComparison => ({
  runs: names.map(named),
  headline: 'it differs.',
  metrics: [],
  params: [],
  data: [],
  environment: [],
  code: [],
  figures: [],
  ...more
});

function drawn(record: RunComparison, more: Partial<CompareRecord> = {}): HTMLElement {
  const here = document.body.appendChild(document.createElement('div'));
  drawComparison(here, { comparison: record, ...more }, { trans: untranslated, now: () => NOW });
  return here;
}

const PIXELS = 'data:image/png;base64,AAAA';
const figure = (of: string, digest: string, more: Partial<Artifact> = {}): Artifact => ({
  run: named(of).id,
  name: 'figures/r.png',
  digest,
  size: 23_400,
  media_type: 'image/png',
  ...more
});
const output = (more: Partial<OutputChange>): OutputChange => ({
  cell: 'c4',
  kind: 'same',
  what: 'figure',
  label: 'In [4]',
  before: figure('a', 'one'),
  after: figure('b', 'two'),
  missing: '',
  ...more
});
const ofCode = (more: Partial<CodeDifference>): Partial<RunComparison> => ({
  code: [{ run: named('b').id, changes: [], modules: [], outputs: [], ...more }]
});

test('figures stand below the cell that drew them, a moved one too, both sides next to each other', () => {
  const changes = [
    { cell: 'c3', kind: 'edited', diff: '-a\n+b', label: 'In [3]' },
    { cell: 'c4', kind: 'moved', diff: '', label: 'In [4]' }
  ];
  const outputs = [
    output({ cell: 'c3', kind: 'edited', label: 'In [3]', what: 'output', before: null, after: null }),
    output({ kind: 'moved' }),
    output({
      cell: 'c5',
      label: 'In [5]',
      before: null,
      after: figure('b', 'three', { name: 'figures/n.png' })
    }),
    output({ cell: 'c6', label: 'In [6]', before: null, after: null, missing: 'not kept' })
  ];
  const here = drawn(comparison(['a', 'b'], ofCode({ changes, outputs })), {
    pictures: { one: PIXELS, two: PIXELS, three: PIXELS }
  });
  const part = [...here.querySelectorAll('section')].at(-1);
  const told = [...(part?.querySelectorAll('.jmlops-change, .jmlops-shown') ?? [])];
  expect(told.map(one => one.textContent?.replace(/-a.*\n.*b\n/, ''))).toEqual([
    '✎ In [3] edited +1 −1',
    'output differs',
    '↕ In [4] moved',
    'figure differs figures/r.pnga 23.4 kBb 23.4 kB',
    '= In [5] same figure differs figures/n.pnga noneb 23.4 kB',
    '= In [6] same figure differs (not kept)'
  ]);
  expect([...here.querySelectorAll('img')].map(image => image.alt)).toEqual([
    'figures/r.png of a',
    'figures/r.png of b',
    'figures/n.png of b'
  ]);
});

test('only pixels that came along are shown; of anything else there are words', () => {
  const others = [
    'https://elsewhere.invalid/x.png',
    'data:image/svg+xml;base64,AAAA',
    'data:text/html;base64,AAAA',
    'data:image/png;base64,AA"onerror="alert(1)',
    ''
  ];
  for (const address of others) {
    const here = drawn(comparison(['a', 'b'], ofCode({ outputs: [output({})] })), {
      pictures: { one: PIXELS, two: address }
    });
    expect([...here.querySelectorAll('img')].map(image => image.src)).toEqual([PIXELS]);
    expect(here.querySelectorAll('figcaption')).toHaveLength(2);
  }
});

test('a figure of which no cell is known stands run beside run, with an empty place where a run has none', () => {
  const files = [figure('a', 'one'), null, figure('c', 'two')];
  const here = drawn(comparison(['a', 'b', 'c'], { figures: [{ name: 'figures/r.png', files }] }), {
    pictures: { one: PIXELS, two: PIXELS }
  });
  expect([...here.querySelectorAll('h4')].at(-1)?.textContent).toBe('Figures');
  expect([...here.querySelectorAll('figcaption')].map(said => said.textContent)).toEqual([
    'a 23.4 kB',
    'b none',
    'c 23.4 kB'
  ]);
  expect(here.querySelectorAll('img')).toHaveLength(2);
});
