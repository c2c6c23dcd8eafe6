/**
 * What a view says, put into the page: only what differs from the last time is touched, so that focus, typed text,
 * open folds and the scroll position stay where the reader left them.
 */

export type Handler = (event: Event) => void;

export interface Props {
  /** Tells siblings apart across drawings; those of one key are told apart by their order. */
  readonly key?: string;
  readonly on?: Readonly<Record<string, Handler>>;
  /** Of a field: set when drawn first, and again only when the view itself changes it. */
  readonly value?: string;
  readonly checked?: boolean;
  /** In place of children: what the element holds by what a reader did to it, kept by whoever draws it. */
  readonly inside?: Inside;
  readonly [attribute: string]:
    string | number | boolean | undefined | Inside | Readonly<Record<string, Handler>>;
}

export type Inside = (element: Element) => Child;

export interface Drawn {
  readonly tag: string;
  readonly props: Props;
  readonly children: readonly (Drawn | string)[];
}

export type Child = Drawn | string | number | false | null | undefined | readonly Child[];

/** Of what has plans for keys: JupyterLab, which sees them first, leaves those alone that begin within. */
export const OWN_KEYS = { 'data-lm-suppress-shortcuts': 'true' } as const;

/** Whether the reader is busy with something beside *place*: the focus is to be left there. */
export function isElsewhere(place: Element): boolean {
  const { activeElement: at } = document;
  return at !== null && !at.contains(place) && !place.contains(at);
}

const SVG = 'http://www.w3.org/2000/svg';
const KEPT = new Set(['key', 'on', 'value', 'checked', 'inside']);
const drawnBefore = new WeakMap<Node, Drawn>();
/** Buttons that are disabled but in name, as they had the focus: a browser takes it from one that is. */
const held = new WeakSet<Element>();
const childrenBefore = new WeakMap<Element, readonly (Drawn | string)[]>();

/** One element of a view. Text in *children* stays text, whatever it contains. */
export function h(tag: string, props: Props = {}, ...children: readonly Child[]): Drawn {
  return { tag, props, children: flat(children) };
}

function flat(children: readonly Child[]): (Drawn | string)[] {
  const found: (Drawn | string)[] = [];
  for (const child of children) {
    if (Array.isArray(child)) {
      found.push(...flat(child as readonly Child[]));
    } else if (typeof child === 'number') {
      found.push(String(child));
    } else if (typeof child === 'string') {
      if (child) {
        found.push(child);
      }
    } else if (child) {
      found.push(child as Drawn);
    }
  }
  return found;
}

/** Make *children* the content of *host*. */
export function draw(host: Element, ...children: readonly Child[]): void {
  patchChildren(host, flat(children));
}

/** Draw anew what is inside *element* by its own state; whatever stands around it stays as it is. */
export function redraw(element: Element): void {
  const drawn = drawnBefore.get(element);
  if (drawn) {
    patchChildren(element, childrenOf(drawn, element));
  }
}

const childrenOf = ({ props, children }: Drawn, element: Element): readonly (Drawn | string)[] =>
  props.inside ? flat([props.inside(element)]) : children;

function patchChildren(host: Element, wanted: readonly (Drawn | string)[]): void {
  if (!childrenBefore.has(host)) {
    host.replaceChildren();
  }
  childrenBefore.set(host, wanted);
  const nodes = [...host.childNodes];
  const names = namesOf(wanted);
  const spare = new Map<string, ChildNode>();
  namesOf(nodes.map(node => drawnBefore.get(node) ?? '')).forEach((name, index) => {
    const node = nodes[index];
    if (node) {
      spare.set(name, node);
    }
  });
  // What goes away goes first: nothing that stays has to move past it, as what moves loses the focus.
  const kept = new Set(names);
  spare.forEach((node, name) => {
    if (!kept.has(name)) {
      node.remove();
    }
  });
  let place: ChildNode | null = host.firstChild;
  wanted.forEach((child, index) => {
    const node = patched(spare.get(names[index] ?? ''), child, host);
    if (node.parentNode === host && node.contains(document.activeElement)) {
      // The others go around it.
      while (place && place !== node) {
        const next: ChildNode | null = place.nextSibling;
        host.append(place);
        place = next;
      }
    }
    if (node === place) {
      place = place.nextSibling;
    } else {
      host.insertBefore(node, place);
    }
  });
  // All that is wanted stands before it: what is left is nobody's, such as what an extension of the browser put here.
  while (place) {
    const next: ChildNode | null = place.nextSibling;
    place.remove();
    place = next;
  }
}

/** What each is called among its siblings: by its tag and key; those that share both are counted. */
function namesOf(all: readonly (Drawn | string)[]): readonly string[] {
  const counts = new Map<string, number>();
  return all.map(drawn => {
    const kind =
      typeof drawn === 'string'
        ? '#text'
        : `${drawn.tag}${drawn.props.key === undefined ? '' : ` ${drawn.props.key}`}`;
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    return `${count} ${kind}`;
  });
}

function patched(old: ChildNode | undefined, wanted: Drawn | string, host: Element): ChildNode {
  if (typeof wanted === 'string') {
    if (old?.nodeType === Node.TEXT_NODE) {
      if (old.textContent !== wanted) {
        old.textContent = wanted;
      }
      return old;
    }
    return document.createTextNode(wanted);
  }
  const before = old ? drawnBefore.get(old) : undefined;
  const element =
    old instanceof Element && before?.tag === wanted.tag ? old : created(wanted.tag, host.namespaceURI);
  patchProps(element, wanted.props, element === old ? (before?.props ?? {}) : {});
  drawnBefore.set(element, wanted);
  patchChildren(element, childrenOf(wanted, element));
  patchValue(element, wanted.props, element === old ? (before?.props ?? {}) : {});
  return element;
}

function created(tag: string, namespace: string | null): Element {
  return tag === 'svg' || namespace === SVG
    ? document.createElementNS(SVG, tag)
    : document.createElement(tag);
}

function patchProps(element: Element, wanted: Props, before: Props): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(wanted)])) {
    const value = wanted[name];
    if (KEPT.has(name) || value === before[name]) {
      continue;
    }
    if (value === undefined || value === false) {
      element.removeAttribute(name);
      if (name === 'disabled' && held.delete(element)) {
        element.removeAttribute('aria-disabled');
      }
    } else if (name === 'disabled' && element === document.activeElement && element.tagName === 'BUTTON') {
      held.add(element);
      element.addEventListener('click', dispatch); // also where the form is what listens
      element.setAttribute('aria-disabled', 'true');
    } else if (typeof value !== 'object' && typeof value !== 'function') {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  for (const name of Object.keys(wanted.on ?? {})) {
    if (!before.on?.[name]) {
      element.addEventListener(name, dispatch);
    }
  }
}

/** One listener for good; which handler it calls is read at the moment of the event. */
function dispatch(event: Event): void {
  const here = event.currentTarget;
  if (event.type === 'click' && here instanceof Element && held.has(here)) {
    event.preventDefault();
  } else if (here instanceof Node) {
    drawnBefore.get(here)?.props.on?.[event.type]?.(event);
  }
}

function patchValue(element: Element, wanted: Props, before: Props): void {
  if (wanted.value !== undefined && wanted.value !== before.value && 'value' in element) {
    element.value = wanted.value;
  }
  if (wanted.checked !== undefined && wanted.checked !== before.checked && 'checked' in element) {
    element.checked = wanted.checked;
  }
}
