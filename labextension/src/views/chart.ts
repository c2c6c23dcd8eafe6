/** Metrics as lines: small, named at their ends; drawn over to be looked at closely, read point by point, and copied. */

import { copying } from './copying';
import { h, OWN_KEYS, redraw, type Child, type Drawn } from './draw';
import {
  BOTTOM,
  clipped,
  LEFT,
  seriesClass,
  TOP,
  viewOf,
  type ChartSetting,
  type Line,
  type View
} from './picture';
import { asText, isFinite, isStepped, linesIn, reach, spotsOf, spread, thinned, type Series } from './points';
import { drawnOver, handlers, mark, reading } from './reader';
import { numberOf, shortNumber, type Translation } from './words';
import { idOf, Zoom } from './zoom';

const zooms = new WeakMap<Element, Zoom>();
/** A picture is drawn for the room it has, so that its letters keep their size. */
const rooms =
  typeof ResizeObserver === 'undefined'
    ? null
    : new ResizeObserver(entries => {
        entries.forEach(({ target }) => {
          redraw(target);
        });
      });

/** Curves over steps; each is named at its end, so there is no legend to decode. */
export function chart(all: readonly Series[], setting: ChartSetting): Drawn | null {
  const stepped = isStepped(all);
  return all.some(series => spotsOf(series.points, stepped).filter(isFinite).length > 1)
    ? h('figure', { class: 'jmlops-chart', inside: figure => content(figure, all, setting) })
    : null;
}

function content(figure: Element, all: readonly Series[], setting: ChartSetting): Child {
  const of = all.map(idOf).join('\n');
  const before = zooms.get(figure);
  const zoom = before?.of === of ? before : new Zoom(of);
  zooms.set(figure, zoom);
  rooms?.observe(figure);
  const view = viewOf(figure, zoom, all, setting);
  const { trans } = setting;
  return [
    h(
      'div',
      { class: zoom.large ? 'jmlops-plot jmlops-large' : 'jmlops-plot' },
      h(
        'svg',
        {
          viewBox: `0 0 ${view.width} ${view.height}`,
          class: 'jmlops-picture',
          tabindex: 0,
          ...OWN_KEYS,
          role: 'application',
          'aria-roledescription': trans.__('chart'),
          'aria-label': view.lines.map(line => spoken(line, trans)).join('; '),
          'aria-description': trans.__(
            'Plus and minus look closer or less close, the arrows read point by point, with Shift they move the part that is seen, Escape shows the whole'
          ),
          on: handlers(view, trans)
        },
        axes(view, trans),
        view.lines.map(line => curve(line, view)),
        names(view),
        drawnOver(view),
        mark(view)
      ),
      reading(view, trans)
    ),
    foot(view, setting)
  ];
}

function spoken({ series, seen }: Line, trans: Translation): string {
  const values = seen.filter(isFinite).map(({ y }) => y);
  const [low, high] = reach(values) ?? [NaN, NaN];
  return trans.__(
    '%1 over %2 points: from %3 to %4, between %5 and %6',
    series.name,
    seen.length,
    shortNumber(values[0]),
    shortNumber(values[values.length - 1]),
    shortNumber(low),
    shortNumber(high)
  );
}

/** From where to where the axes go. */
function axes({ span, values, y, right, height, stepped }: View, trans: Translation): Child {
  const text = (x: number, at: number, anchor: string, said: string): Drawn =>
    h('text', { x, y: at, 'text-anchor': anchor, class: 'jmlops-label jmlops-tick' }, said);
  const ends = values[0] === values[1] ? [values[0]] : values;
  const first = stepped
    ? trans.__('step %1', shortNumber(span[0]))
    : trans.__('in the order they were logged');
  return [
    h('path', {
      d: `M${LEFT - 6} ${TOP - 4}V${height - BOTTOM + 6}H${right}`,
      class: 'jmlops-axis',
      fill: 'none'
    }),
    ends.map(value => text(LEFT - 10, y(value) + 4, 'end', shortNumber(value))),
    text(LEFT, height - 6, 'start', first),
    stepped ? text(right, height - 6, 'end', shortNumber(span[1])) : null
  ];
}

function curve({ spots, series, colour }: Line, { span, x, y, zoom }: View): Drawn {
  const [low, high] = span;
  const near = spots.filter(
    (spot, place) =>
      (spot.x >= low && spot.x <= high) ||
      [spots[place - 1], spots[place + 1]].some(next => next && next.x >= low && next.x <= high) ||
      (spot.x < low && (spots[place + 1]?.x ?? low) > high) ||
      (spot.x > high && (spots[place - 1]?.x ?? high) < low)
  );
  const lines = linesIn(thinned(near), span);
  const path = lines
    .map(line => `M${line.map(([a, b]) => `${x(a).toFixed(1)} ${y(b).toFixed(1)}`).join('L')}`)
    .join('');
  return h('path', {
    d: path,
    class: `jmlops-line ${seriesClass(colour)}${zoom.busy ? ' jmlops-coarse' : ''}`,
    key: `curve ${idOf(series)}`
  });
}

/** Each line's name and last value beside its end. */
function names({ lines, x, y, right, height, letters }: View): Child {
  const ends = lines.flatMap(line => {
    const end = line.seen.filter(isFinite).at(-1);
    return end ? [{ line, end }] : [];
  });
  const places = spread(
    ends.map(({ end }) => y(end.y)),
    13,
    height - BOTTOM + 10
  );
  return ends.map(({ line, end }, index) => {
    return h(
      'g',
      { key: `name ${idOf(line.series)}` },
      h('circle', {
        cx: x(end.x),
        cy: y(end.y),
        r: 2.5,
        class: `jmlops-end ${seriesClass(line.colour)}`
      }),
      h(
        'text',
        { x: right + 8, y: (places[index] ?? 0) + 4, class: 'jmlops-label' },
        h('title', {}, `${line.series.name} ${numberOf(end.point.value)}`),
        `${clipped(line.series.name, letters)} ${shortNumber(end.y)}`
      )
    );
  });
}

function foot(view: View, { trans }: ChartSetting): Drawn {
  const { zoom, lines, change } = view;
  const button = (key: string, word: string, act: () => void): Drawn =>
    h(
      'button',
      {
        type: 'button',
        class: 'jmlops-quiet',
        key,
        on: {
          click: () => {
            change(act);
          }
        }
      },
      word
    );
  const text = (): string =>
    asText(lines.map(({ series, seen }) => ({ ...series, points: seen.map(({ point }) => point) })));
  return h(
    'div',
    { class: 'jmlops-chart-foot', key: 'foot' },
    copying(text, trans),
    button('size', zoom.large ? trans.__('Smaller') : trans.__('Larger'), () => {
      zoom.large = !zoom.large;
    }),
    zoom.span
      ? button('whole', trans.__('Show the whole'), () => {
          zoom.span = null;
        })
      : h('span', { class: 'jmlops-aside jmlops-hint', key: 'hint' }, trans.__('draw over a part to zoom')),
    h(
      'span',
      { class: 'jmlops-aside', role: 'status', key: 'said' },
      zoom.busy ? trans.__('looking for the points between…') : zoom.failure
    ),
    h('span', { class: 'jmlops-hidden', role: 'status', key: 'spoken' }, zoom.spoken)
  );
}
