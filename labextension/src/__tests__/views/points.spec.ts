import {
  asText,
  filledIn,
  isStepped,
  linesIn,
  share,
  spotsOf,
  spread,
  stretchOf,
  thinned,
  type Point
} from '../../views/points';

/** Points at each step, logged one after the other. */
const curve = (values: readonly Point['value'][], from = 0): readonly Point[] =>
  values.map((value, place) => ({ step: from + place, value, sequence: from + place + 1 }));
const spots = (values: readonly Point['value'][]) => spotsOf(curve(values), true);

test('a thinned curve keeps its spike, and a stretch without a number its place', () => {
  const values = Array.from({ length: 10_000 }, (_, step) =>
    step === 5000 ? 99 : step > 8000 ? ('nan' as const) : 1
  );
  const kept = thinned(spots(values), 400);
  expect(kept.length).toBeLessThanOrEqual(400);
  expect(kept.some(({ y }) => y === 99)).toBe(true);
  expect(kept.filter(({ y }) => Number.isNaN(y)).length).toBeGreaterThan(10);
  expect(kept.map(({ x }) => x)).toEqual([...kept.map(({ x }) => x)].sort((a, b) => a - b));
});

test('points stand over their steps, and where a loop gave none over their place in the order', () => {
  const same = [3, 2, 1].map((value, place) => ({ step: 0, value, sequence: 10 + 2 * place }));
  expect(isStepped([{ name: 'a', points: same }])).toBe(false);
  expect(spotsOf(same, false).map(({ x }) => x)).toEqual([10, 12, 14]);
  expect(
    isStepped([
      { name: 'a', points: same },
      { name: 'b', points: curve([1, 2]) }
    ])
  ).toBe(true);
});

test('a line is cut where the part that is seen ends, and what is no number leaves a gap', () => {
  expect(linesIn(spots([0, 2, 4, 6]), [0.5, 2.5])).toEqual([
    [
      [0.5, 1],
      [1, 2],
      [2, 4],
      [2.5, 5]
    ]
  ]);
  expect(linesIn(spots([0, 2, 'nan', 6, 8]), [0, 4])).toEqual([
    [
      [0, 0],
      [1, 2]
    ],
    [
      [3, 6],
      [4, 8]
    ]
  ]);
  // Between two points, as where a long curve was thinned out.
  expect(linesIn(spots([0, 10]), [0.2, 0.4])[0]?.map(([x]) => x)).toEqual([0.2, 0.4]);
  expect(linesIn(spots([0, 10]), [2, 3])).toEqual([]);
});

test('a curve that begins its steps anew is drawn both times', () => {
  const twice = [...curve([1, 2, 3]), ...curve([4, 5, 6]).map(point => ({ ...point, sequence: 10 }))];
  expect(linesIn(spotsOf(twice, true), [0.5, 1.5]).map(line => line[0]?.[1])).toEqual([1.5, 3.25, 4.5]);
});

test('what is looked at closely is asked for up to the next known point on either side', () => {
  const known = spotsOf(
    [0, 100, 200, 300, 400].map(step => ({ step, value: 1, sequence: step + 1 })),
    true
  );
  expect(stretchOf(known, [100, 300])).toEqual({ after: 0, before: 402, most: 800 });
  expect(stretchOf(known, [220, 280])).toEqual({ after: 200, before: 302, most: 667 });
  // So close that a share of the points would be all there are: never more than a picture can use.
  expect(stretchOf(known, [220, 221])?.most).toBe(2000);
  expect(stretchOf(known, [350, 900])?.before).toBe(402);
  expect(stretchOf(known, [500, 900])).toBeNull();
  expect(
    stretchOf(
      spotsOf(
        [
          { step: 0, value: 1 },
          { step: 9, value: 1 }
        ],
        true
      ),
      [2, 3]
    )
  ).toBeNull();
});

test('points that were brought stand in place of the thinned-out ones, whatever has come since', () => {
  const coarse = [0, 100, 200, 300].map(step => ({ step, value: 0, sequence: step }));
  const fine = [100, 101, 102].map(step => ({ step, value: 1, sequence: step }));
  expect(filledIn(coarse, fine).map(({ step }) => step)).toEqual([0, 100, 101, 102, 200, 300]);
  expect(filledIn(coarse, fine)[1]?.value).toBe(1);
  expect(filledIn(coarse, [])).toBe(coarse);
});

test('labels that would lie on each other are moved apart', () => {
  const [a = 0, b = 0] = spread([50, 51], 13, 120);
  expect(Math.abs(a - b)).toBeGreaterThanOrEqual(13);
});

test('the data behind a chart is tab-separated, a line a point, whatever a name holds', () => {
  const points = [
    { step: 0, value: 0.1 + 0.2 },
    { step: 7, value: 'nan' as const }
  ];
  expect(asText([{ name: 'lo\tss\n', points }]).split('\n')).toEqual([
    'name\tstep\tvalue',
    'lo ss \t0\t0.30000000000000004',
    'lo ss \t7\tNaN'
  ]);
});

test('values further apart than a number holds have their places between', () => {
  expect([1.5e308, -1.5e308, 0].map(value => share(-1.5e308, 1.5e308, value))).toEqual([1, 0, 0.5]);
  expect(share(0, 5e-324, 5e-324)).toBe(1);
  expect(share(2, 2, 2)).toBe(0.5);
});
