import { shares } from '../../panels/sharing';

const claims = (...wants: number[]) => wants.map(want => ({ wants: want, weight: 1 }));
const empty = { wants: 120, yields: 40, weight: 1 };

test('a short list is seen whole, and what it leaves goes to those that need it', () => {
  expect(shares(claims(2000, 60, 90), 800)).toEqual([650, 60, 90]);
});

test('those with more than fits share what is left by their weights', () => {
  const long = { wants: 2000, weight: 2 };
  expect(shares([long, ...claims(60, 900, 90)], 750)).toEqual([400, 60, 200, 90]);
});

test('what one leaves can be enough for another', () => {
  expect(shares(claims(100, 240, 10), 350)).toEqual([100, 240, 10]);
});

test('an empty section keeps its one line while others have more to show than fits', () => {
  expect(shares([...claims(2000, 90), empty, empty], 600)).toEqual([430, 90, 40, 40]);
});

test('what nobody else needs lets an empty section say all, or its line and no half of another', () => {
  expect(shares([...claims(300, 90), empty, empty], 570)).toEqual([300, 90, 120, 40]);
  expect(shares([...claims(300, 90), empty, empty], 1000)).toEqual([300, 90, 120, 120]);
});

test('a section that is folded gets nothing, and no room is no mistake', () => {
  expect(shares([{ wants: 0, weight: 0 }, ...claims(500)], 300)).toEqual([0, 300]);
  expect(shares([...claims(100, 60), empty], -20)).toEqual([0, 0, 0]);
  expect(shares([], 100)).toEqual([]);
});
