/** How a picture is read and looked at closely, by pointer and by key. */

import { h, type Child, type Drawn, type Handler } from './draw';
import { BOTTOM, LEFT, seriesClass, swatch, TOP, type Line, type View } from './picture';
import { isFinite, type Spot } from './points';
import type { Translation } from './words';
import { idOf } from './zoom';

const DRAGGED = 3; // pixels from which a press is a stretch and not a click

/** The part that a press draws over. */
export function drawnOver({ zoom: { drawn }, x, height }: View): Drawn | null {
  if (!drawn) {
    return null;
  }
  const [from, to] = [x(Math.min(drawn.from, drawn.to)), x(Math.max(drawn.from, drawn.to))];
  return h('rect', {
    key: 'drawn',
    x: from,
    y: TOP - 4,
    width: to - from,
    height: height - BOTTOM - TOP + 10,
    class: 'jmlops-range'
  });
}

const nearest = (spots: readonly Spot[], at: number): Spot | undefined =>
  spots
    .filter(isFinite)
    .reduce<Spot | undefined>(
      (best, spot) => (best && Math.abs(best.x - at) <= Math.abs(spot.x - at) ? best : spot),
      undefined
    );

interface Read {
  readonly line: Line;
  readonly spot: Spot;
}

/** What stands at the place that is read: of each line its nearest point that is seen. */
function readAt({ zoom, lines, span }: View): readonly Read[] {
  const { at } = zoom;
  return at === null || at < span[0] || at > span[1]
    ? []
    : lines.flatMap(line => {
        const spot = nearest(line.seen, at);
        return spot ? [{ line, spot }] : [];
      });
}

export function mark(view: View): Child {
  const read = readAt(view);
  const at = placeOf(view, read);
  return at === null
    ? null
    : h(
        'g',
        { key: 'mark', class: 'jmlops-reader', 'aria-hidden': 'true' },
        h('path', {
          d: `M${view.x(at).toFixed(1)} ${TOP - 4}V${view.height - BOTTOM + 6}`,
          class: 'jmlops-axis'
        }),
        read.map(({ line, spot }) =>
          h('circle', {
            cx: view.x(spot.x),
            cy: view.y(spot.y),
            r: 3.5,
            class: `jmlops-end ${seriesClass(line.colour)}`
          })
        )
      );
}

/** The nearest of what is read. */
const placeOf = ({ zoom }: View, read: readonly Read[]): number | null =>
  nearest(
    read.map(({ spot }) => spot),
    zoom.at ?? 0
  )?.x ?? null;

const where = (at: number, { stepped }: View, trans: Translation): string =>
  stepped ? trans.__('step %1', at.toLocaleString('en-US')) : trans.__('# %1', at.toLocaleString('en-US'));

/** The whole values, on the side where they hide nothing that is looked at. */
export function reading(view: View, trans: Translation): Drawn | null {
  const read = readAt(view);
  const at = placeOf(view, read);
  if (at === null) {
    return null;
  }
  const side = at > (view.span[0] + view.span[1]) / 2 ? 'jmlops-before' : 'jmlops-behind';
  return h(
    'div',
    { class: `jmlops-reading ${side}`, 'aria-hidden': 'true', key: 'reading' },
    h('p', { class: 'jmlops-aside' }, where(at, view, trans)),
    read.map(({ line, spot }) =>
      h(
        'p',
        { key: idOf(line.series) },
        view.lines.length > 1 ? swatch(line.colour) : null,
        h('span', { class: 'jmlops-name' }, line.series.name),
        h('strong', {}, ` ${spot.y}`),
        spot.x === at ? null : h('span', { class: 'jmlops-aside' }, ` (${where(spot.x, view, trans)})`)
      )
    )
  );
}

export function handlers(view: View, trans: Translation): Readonly<Record<string, Handler>> {
  const { zoom, whole, change } = view;
  const at = (event: Event): number | null => {
    const picture = event.currentTarget;
    if (!(event instanceof MouseEvent) || !(picture instanceof Element)) {
      return null;
    }
    const box = picture.getBoundingClientRect();
    const unit = ((event.clientX - box.left) / Math.max(1, box.width)) * view.width;
    const share = (unit - LEFT) / (view.right - LEFT);
    return view.span[0] + Math.min(1, Math.max(0, share)) * (view.span[1] - view.span[0]);
  };
  return {
    pointerdown: (event: Event): void => {
      const from = at(event);
      if (from !== null && event instanceof MouseEvent && event.button === 0) {
        const picture = event.currentTarget as SVGElement;
        if ('pointerId' in event && typeof event.pointerId === 'number') {
          picture.setPointerCapture(event.pointerId);
        }
        picture.focus({ preventScroll: true });
        zoom.drawn = { from, to: from, pixel: event.clientX };
      }
    },
    pointermove: (event: Event): void => {
      const to = at(event);
      if (to !== null) {
        change(() => {
          zoom.at = to;
          zoom.drawn = zoom.drawn && { ...zoom.drawn, to };
        });
      }
    },
    pointerup: (event: Event): void => {
      const [to, { drawn }] = [at(event), zoom];
      if (to !== null && drawn && event instanceof MouseEvent) {
        change(() => {
          zoom.drawn = null;
          if (Math.abs(event.clientX - drawn.pixel) > DRAGGED) {
            zoom.see([Math.min(drawn.from, to), Math.max(drawn.from, to)], whole);
          }
        });
      }
    },
    pointercancel: (): void => {
      change(() => {
        zoom.drawn = null;
      });
    },
    pointerleave: (): void => {
      change(() => {
        zoom.at = zoom.drawn ? zoom.at : null;
      });
    },
    blur: (): void => {
      change(() => {
        zoom.at = null;
        zoom.spoken = '';
      });
    },
    dblclick: (event: Event): void => {
      event.preventDefault();
      change(() => {
        zoom.span = null;
      });
    },
    keydown: (event: Event): void => {
      const act = event instanceof KeyboardEvent ? keyed(event, view, trans) : null;
      if (act) {
        // A notebook in command mode has plans of its own for these keys.
        event.preventDefault();
        event.stopPropagation();
        change(act);
      }
    }
  };
}

/** What a key does; null where it is none of ours. */
function keyed(event: KeyboardEvent, view: View, trans: Translation): (() => void) | null {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return null;
  }
  const { zoom, whole } = view;
  const seen = (act: () => void) => () => {
    act();
    const [low, high] = zoom.span ?? whole;
    zoom.spoken = trans.__('from %1 to %2', where(low, view, trans), where(high, view, trans));
  };
  const further = (forward: boolean): (() => void) =>
    event.shiftKey
      ? seen(() => {
          zoom.move(forward, whole);
        })
      : () => {
          zoom.read(forward, placesOf(view), whole);
          zoom.spoken = said(view, trans);
        };
  switch (event.key) {
    case '+':
    case '=':
      return seen(() => {
        zoom.scale(0.5, whole);
      });
    case '-':
    case '_':
      return seen(() => {
        zoom.scale(2, whole);
      });
    case 'ArrowLeft':
      return further(false);
    case 'ArrowRight':
      return further(true);
    case 'Escape':
      return escaped(view, seen);
    default:
      return null;
  }
}

/** Escape ends what was begun last: a press, a closer look, a reading. */
function escaped({ zoom }: View, seen: (act: () => void) => () => void): (() => void) | null {
  if (zoom.drawn) {
    return () => {
      zoom.drawn = null;
    };
  }
  if (zoom.span) {
    return seen(() => {
      zoom.span = null;
    });
  }
  return zoom.at === null
    ? null
    : () => {
        zoom.at = null;
        zoom.spoken = '';
      };
}

const placesOf = ({ lines }: View): readonly number[] =>
  [...new Set(lines.flatMap(({ spots }) => spots.filter(isFinite).map(({ x }) => x)))].sort((a, b) => a - b);

/** What is read, in a sentence. */
function said(view: View, trans: Translation): string {
  const { at } = view.zoom;
  if (at === null) {
    return '';
  }
  const values = view.lines.flatMap(({ series, spots }) => {
    const spot = spots.find(({ x }) => x === at);
    return spot ? [`${series.name} ${spot.y}`] : [];
  });
  return `${where(at, view, trans)}: ${values.join(', ')}`;
}
