/**
 * What a view says, put into the page: only what differs from the last time is touched, so that focus, typed text,
 * open folds and the scroll position stay where the reader left them.
 */

export type Handler = (event: Event) => void;

export interface Props {
  /** Tells siblings apart across drawings. */
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

const SVG = 'http://www.w3.org/2000/svg';
const KEPT = new Set(['key', 'on', 'value', 'checked', 'inside']);
const drawnBefore = new WeakMap<Node, Drawn>();
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
  const spare = new Map<string, ChildNode>();
  host.childNodes.forEach((node, index) => spare.set(nameOf(drawnBefore.get(node), index), node));
  let place: ChildNode | null = host.firstChild;
  wanted.forEach((child, index) => {
    const name = nameOf(typeof child === 'string' ? undefined : child, index);
    const old = spare.get(name);
    spare.delete(name);
    const node = patched(old, child, host);
    if (node !== place) {
      host.insertBefore(node, place);
    } else {
      place = place.nextSibling;
    }
  });
  spare.forEach(node => {
    node.remove();
  });
}

function nameOf(drawn: Drawn | undefined, index: number): string {
  return drawn?.props.key !== undefined ? `key ${drawn.props.key}` : `${drawn?.tag ?? 'text'} ${index}`;
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
  if (here instanceof Node) {
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
