/** How the sections of the side panel share its height: none is taller than what it shows, none is starved by a longer one. */

import type { AccordionPanel, Widget } from '@lumino/widgets';

export interface Claim {
  /** The height at which everything is seen. */
  readonly wants: number;
  /** What it makes do with as long as others have something to show: the line that says that it is empty. */
  readonly yields?: number;
  /** How much of what is not enough for all it gets, beside the others'. */
  readonly weight: number;
}

const LEAST = 0.1; // of all weights: a section that was pulled shut still opens when something comes into it

/** Each gets what it wants where that is less than its share; what is empty says more than its line last. */
export function shares(claims: readonly Claim[], room: number): number[] {
  const first = filled(
    claims.map(claim => ({ ...claim, wants: claim.yields ?? claim.wants })),
    room
  );
  let left = room - first.reduce((sum, size) => sum + size, 0);
  return claims.map(({ wants, yields }, place) => {
    const size = first[place] ?? 0;
    // All that is to be said, or the one line: nothing in between, where a line is cut in two.
    if (yields === undefined || wants - size > left) {
      return size;
    }
    left -= wants - size;
    return wants;
  });
}

/** What one does not need is shared among the others. */
function filled(claims: readonly Claim[], room: number): number[] {
  const given = claims.map(() => 0);
  let open = claims.map((claim, place) => ({ ...claim, place }));
  let left = Math.max(0, room);
  while (open.length > 0) {
    const weights = open.reduce((sum, { weight }) => sum + weight, 0);
    const share = ({ weight }: Claim): number => (weights > 0 ? (left * weight) / weights : 0);
    const content = open.filter(claim => claim.wants <= share(claim));
    if (content.length === 0) {
      open.forEach(claim => (given[claim.place] = share(claim)));
      break;
    }
    content.forEach(({ place, wants }) => {
      given[place] = wants;
      left -= wants;
    });
    open = open.filter(claim => !content.includes(claim));
  }
  return given;
}

/** Keeps the shares of an accordion's sections in step with what they show. */
export class Sharing {
  private weights: number[] = [];
  private given = '';
  private frame = 0;
  private readonly grown = new ResizeObserver(() => {
    this.later();
  });
  private readonly drawn = new MutationObserver(() => {
    for (const { node } of this.accordion.widgets) {
      [...node.children].forEach(child => {
        this.grown.observe(child);
      });
    }
    this.later();
  });

  constructor(private readonly accordion: AccordionPanel) {
    this.grown.observe(accordion.node);
    accordion.expansionToggled.connect(() => {
      this.later();
    });
    // Whoever pulls at a title wants it so: from then on what does not fit is shared as they left it.
    accordion.handleMoved.connect(() => {
      this.weights = accordion.relativeSizes().map(size => Math.max(size, LEAST));
    });
  }

  /** Begin to look at *section*, now in its place. */
  add(section: Widget): void {
    this.weights = this.accordion.widgets.map(() => 1);
    this.drawn.observe(section.node, { childList: true });
    this.later();
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    this.grown.disconnect();
    this.drawn.disconnect();
  }

  private later(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.share();
    });
  }

  private share(): void {
    const { accordion } = this;
    const { widgets, spacing, titleSpace } = accordion;
    if (!accordion.isVisible) {
      return;
    }
    const seen = widgets.filter(section => !section.isHidden).length;
    const room = accordion.node.clientHeight - titleSpace * widgets.length - spacing * Math.max(0, seen - 1);
    const claims = widgets.map((section, place) =>
      section.isHidden
        ? { wants: 0, weight: 0 }
        : { ...heightsOf(section.node), weight: this.weights[place] ?? 1 }
    );
    const given = shares(claims, room).map(Math.floor);
    const told = JSON.stringify([given, claims]);
    if (told === this.given) {
      return;
    }
    this.given = told;
    claims.forEach(({ wants, yields }, place) => {
      const section = widgets[place];
      if (section && !section.isHidden) {
        const most = yields === undefined ? wants : (given[place] ?? wants);
        section.node.style.maxHeight = `${most}px`;
      }
    });
    accordion.setRelativeSizes(given, false);
    accordion.fit();
  }
}

/** The height at which nothing in *node* is cut off; and where it is empty, that of the line which says so. */
function heightsOf(node: HTMLElement): Pick<Claim, 'wants' | 'yields'> {
  const style = getComputedStyle(node);
  const own = [style.paddingTop, style.paddingBottom, style.borderTopWidth, style.borderBottomWidth];
  const around = own.reduce((sum, length) => sum + (parseFloat(length) || 0), 0);
  const children = [...node.children].map(child => child.getBoundingClientRect());
  const least = parseFloat(style.minHeight) || 0;
  const wants = Math.max(least, Math.ceil(children.reduce((sum, { height }) => sum + height, around)));
  const line = node.querySelector('.jmlops-empty > p')?.getBoundingClientRect();
  const top = children[0]?.top;
  if (!line || top === undefined) {
    return { wants };
  }
  const above = 2 * (parseFloat(style.paddingTop) || 0);
  return { wants, yields: Math.max(least, Math.floor(line.bottom - top + above)) };
}
