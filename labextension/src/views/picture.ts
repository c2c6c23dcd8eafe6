/** One picture as it is seen: its lines, its scales, and what a reader does to it. */

import { h, redraw, type Drawn } from './draw';
import { isFinite, isStepped, linesIn, reach, share, type Series, type Span, type Spot } from './points';
import type { Setting } from './words';
import type { Between, Zoom } from './zoom';

export interface ChartSetting extends Setting {
  /** Brings what lies between the points of a long curve; without it, what is here is drawn larger. */
  readonly between?: Between;
}

export interface Line {
  readonly series: Series;
  readonly colour: number;
  readonly spots: readonly Spot[];
  /** Those of the spots that lie in the part that is seen. */
  readonly seen: readonly Spot[];
}

export interface View {
  readonly zoom: Zoom;
  readonly lines: readonly Line[];
  readonly stepped: boolean;
  readonly whole: Span;
  readonly span: Span;
  readonly values: Span;
  readonly width: number;
  readonly height: number;
  /** Where the lines end; their names stand behind. */
  readonly right: number;
  /** How many letters of a name there is room for. */
  readonly letters: number;
  readonly x: (step: number) => number;
  readonly y: (value: number) => number;
  /** Do something to the zoom, and draw what came of it. */
  readonly change: (act: () => void) => void;
}

export const COLOURS = 5;
export const [LEFT, TOP, BOTTOM] = [64, 10, 26]; // where the ends of the axes are said
const [SMALL, LARGE] = [
  { width: 500, height: 150 },
  { width: 1200, height: 340 }
];
const [NARROWEST, LETTER] = [280, 7.1]; // a picture that is narrower scrolls; the widest a letter is, as a rule
const [NAME, SHORT_NAME, VALUE] = [14, 10, 8]; // letters beside a line's end

export function viewOf(figure: Element, zoom: Zoom, all: readonly Series[], setting: ChartSetting): View {
  const stepped = isStepped(all);
  // The same run keeps its colour in every picture, also where a run before it has no curve.
  const there = all
    .map((series, colour) => ({ series, colour, spots: zoom.spots(series, stepped) }))
    .filter(({ spots }) => spots.filter(isFinite).length > 1);
  const whole = reach(there.flatMap(({ spots }) => spots.filter(isFinite).map(({ x }) => x))) ?? [0, 1];
  const span = zoom.span ?? whole;
  const lines = there.map(line => ({
    ...line,
    seen: line.spots.filter(({ x }) => x >= span[0] && x <= span[1])
  }));
  const ys = lines.flatMap(({ spots, seen }) => [
    ...seen.filter(isFinite).map(({ y }) => y),
    ...(zoom.span ? linesIn(spots, span).flatMap(line => line.map(([, y]) => y)) : [])
  ]);
  const values = reach(ys) ?? [0, 1];
  const size = zoom.large ? LARGE : SMALL;
  const width = Math.min(Math.max(figure.clientWidth || SMALL.width, NARROWEST), size.width);
  const longest = Math.max(...all.map(({ name }) => name.length));
  const letters = Math.min(longest, width < SMALL.width * 0.8 ? SHORT_NAME : NAME);
  // By the names alone: what is looked at closely must not shift with the digits of its values.
  const right = width - Math.ceil(8 + LETTER * (letters + 1 + VALUE));
  const scale =
    ([low, high]: Span, start: number, end: number) =>
    (value: number): number =>
      start + share(low, high, value) * (end - start);
  return {
    zoom,
    lines,
    stepped,
    whole,
    span,
    values,
    width,
    height: size.height,
    right,
    letters,
    x: scale(span, LEFT, right),
    y: scale(values, size.height - BOTTOM, TOP),
    change: act => {
      const { span: before } = zoom;
      act();
      if (zoom.span !== before && setting.between) {
        zoom.ask(all, stepped, setting.between, () => {
          redraw(figure);
        });
      }
      redraw(figure);
    }
  };
}

/** Colour and dashes of a line. */
export const seriesClass = (colour: number): string => `jmlops-series-${colour % COLOURS}`;

/** The colour and dashes of a line, beside a name. */
export const swatch = (colour: number): Drawn =>
  h(
    'svg',
    { class: 'jmlops-swatch', viewBox: '0 0 20 8', width: 20, height: 8, 'aria-hidden': 'true' },
    h('path', { d: 'M0 4H20', class: `jmlops-line ${seriesClass(colour)}` })
  );

/** The middle left out: names of runs often differ in their ends only. */
export function clipped(name: string, most: number): string {
  const tail = Math.floor((most - 1) / 2);
  return name.length > most ? `${name.slice(0, most - 1 - tail)}…${name.slice(name.length - tail)}` : name;
}
