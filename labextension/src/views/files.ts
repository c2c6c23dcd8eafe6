/** The files of a run, each looked at in one press: a picture is drawn, a text is read. Pictures come when the list opens. */

import type { Artifact, ArtifactContent } from '../wire';
import { idMark } from './badge';
import { h, redraw, type Child, type Drawn } from './draw';
import { shortSize, type Translation } from './words';

/** Brings what a file of a run says. */
export type Look = (run: string, name: string) => Promise<ArtifactContent>;

/** What a page draws as an image: in one, nothing runs and nothing is fetched. */
const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/svg+xml']);
/** What a run may have kept of a kind that a page would draw, and is only read here. */
const SOURCES: Readonly<Record<string, string>> = { 'text/html': 'HTML', 'image/svg+xml': 'SVG' };
/** So many come by themselves, none of them larger; so many are asked for at a time. */
const MOST_UNASKED = 12;
const LARGEST_UNASKED = 1_000_000;
const MOST_AT_ONCE = 3;

/** One question: its answer counts as long as the file still waits for that one. */
type Waiting = symbol;

type Seen = ArtifactContent | Error | Waiting;

interface Kept {
  readonly seen: Map<string, Seen>;
  /** What is yet to be asked, and how much is under way, of what was not asked for one by one. */
  readonly queue: (() => Promise<void>)[];
  underway: number;
}

const keptIn = new WeakMap<Element, Kept>();

/** The list, and under each file that was looked at what it says. */
export function fileList(files: readonly Artifact[], look: Look | undefined, trans: Translation): Drawn {
  return h('div', {
    class: 'jmlops-files',
    key: 'files',
    inside: element => {
      const kept = keptIn.get(element) ?? { seen: new Map<string, Seen>(), queue: [], underway: 0 };
      keptIn.set(element, kept);
      return [
        files.map(file => entry(file, kept, element, look, trans)),
        look
          ? h('p', { class: 'jmlops-hidden', role: 'status', key: 'status' }, told(files, kept, trans))
          : null
      ];
    }
  });
}

/** How the list as a whole stands, for who hears it: a word for each picture would be one after the other. */
function told(files: readonly Artifact[], { seen }: Kept, trans: Translation): string {
  const found = files.map(file => seen.get(idOf(file)));
  const waiting = found.filter(isWaiting).length;
  const failed = found.filter(one => one instanceof Error).length;
  return waiting > 0
    ? trans._n('Loading %1 file…', 'Loading %1 files…', waiting)
    : failed > 0
      ? trans._n('%1 file could not be loaded', '%1 files could not be loaded', failed)
      : '';
}

/** Bring the pictures of the list within *place*, once, and what could not be had when it was last asked for. */
export function bringPictures(place: Element, files: readonly Artifact[], look: Look): void {
  const list = place.querySelector('.jmlops-files');
  const kept = list && keptIn.get(list);
  if (!list || !kept) {
    return;
  }
  const unasked = files
    .filter(file => isPicture(file) && file.size <= LARGEST_UNASKED)
    .slice(0, MOST_UNASKED)
    .filter(file => !kept.seen.has(idOf(file)));
  const failed = files.filter(file => kept.seen.get(idOf(file)) instanceof Error);
  kept.queue.push(...[...unasked, ...failed].map(file => asked(file, kept, list, look)));
  redraw(list);
  goOn(kept);
}

/** Ask for what waits, as long as not too much is under way; the next when one has ended. */
function goOn(kept: Kept): void {
  while (kept.underway < MOST_AT_ONCE) {
    const next = kept.queue.shift();
    if (!next) {
      return;
    }
    kept.underway += 1;
    void next().finally(() => {
      kept.underway -= 1;
      goOn(kept);
    });
  }
}

const isWaiting = (found: Seen | undefined): found is Waiting => typeof found === 'symbol';

const isPicture = ({ media_type: kind }: Artifact): boolean => PICTURES.has(kind);

/** A file that was logged again under its name is another one. */
const idOf = ({ run, name, digest }: Artifact): string => `${run} ${digest} ${name}`;

/** Let *file* wait; what is given back asks for it, unless it was closed meanwhile. */
function asked(file: Artifact, { seen }: Kept, list: Element, look: Look): () => Promise<void> {
  const waiting: Waiting = Symbol(file.name);
  const isAwaited = (): boolean => seen.get(idOf(file)) === waiting;
  const say = (found: Seen): void => {
    if (isAwaited()) {
      seen.set(idOf(file), found);
      redraw(list);
    }
  };
  seen.set(idOf(file), waiting);
  return async () => {
    if (isAwaited()) {
      await look(file.run, file.name).then(say, (error: unknown) => {
        say(error instanceof Error ? error : new Error(String(error)));
      });
    }
  };
}

function entry(file: Artifact, kept: Kept, list: Element, look: Look | undefined, trans: Translation): Drawn {
  const found = kept.seen.get(idOf(file));
  const { name, size, media_type: kind, digest } = file;
  return h(
    'div',
    { class: 'jmlops-file', key: idOf(file) },
    h(
      'p',
      { class: 'jmlops-row' },
      h('span', { class: 'jmlops-file-name' }, name),
      h(
        'span',
        { class: 'jmlops-aside' },
        `${shortSize(size)} · ${kind} · `,
        idMark(digest, trans, 'digest')
      ),
      look ? toggle(file, found, kept, list, look, trans) : null
    ),
    shown(file, found, trans)
  );
}

function toggle(
  file: Artifact,
  found: Seen | undefined,
  kept: Kept,
  list: Element,
  look: Look,
  trans: Translation
): Drawn {
  const failed = found instanceof Error;
  const open = found !== undefined && !failed;
  return h(
    'button',
    {
      type: 'button',
      class: 'jmlops-quiet',
      'aria-expanded': failed ? undefined : open ? 'true' : 'false',
      'aria-label': failed
        ? trans.__('Try again: %1', file.name)
        : open
          ? trans.__('Close %1', file.name)
          : trans.__('Look at %1', file.name),
      on: {
        click: () => {
          if (open) {
            kept.seen.delete(idOf(file));
            redraw(list);
          } else {
            const ask = asked(file, kept, list, look);
            redraw(list);
            void ask();
          }
        }
      }
    },
    failed ? trans.__('Try again') : open ? trans.__('Close') : trans.__('Look')
  );
}

function shown(file: Artifact, found: Seen | undefined, trans: Translation): Child {
  if (found === undefined) {
    return null;
  }
  if (isWaiting(found)) {
    return h('p', { class: 'jmlops-aside' }, trans.__('Loading…'));
  }
  if (found instanceof Error) {
    const why = found.message || trans.__('no reason was given');
    return h('p', {}, trans.__('It could not be loaded: %1', why));
  }
  const { text, picture } = found;
  const said = note(found, trans);
  return [
    picture !== null && isPicture(found.artifact)
      ? h('img', {
          class: 'jmlops-file-picture',
          src: `data:${found.artifact.media_type};base64,${picture}`,
          alt: file.name
        })
      : null,
    text === null ? null : h('pre', { class: 'jmlops-diff', tabindex: 0 }, text),
    said ? h('p', { class: 'jmlops-aside' }, said) : null
  ];
}

/** What is not drawn although a page could is said to be so: nothing of a run is let run here. */
function note({ artifact, text, note: said }: ArtifactContent, trans: Translation): string {
  const kind = text === null ? undefined : SOURCES[artifact.media_type];
  return [kind ? trans.__('%1, shown as its source', kind) : '', said].filter(Boolean).join('; ');
}
