/** The side panel: which workspace is read, the nouns' sections, and one thing large where no other room is. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import { AccordionPanel, Panel, PanelLayout, Widget } from '@lumino/widgets';
import { projectOf } from '../models/home';
import type { IMlopsWatch } from '../tokens';
import { ViewIds } from '../tokens';
import { draw, h } from '../views/draw';
import { Sharing } from './sharing';

export class Sidebar extends SidePanel {
  private readonly place = new Widget();
  private readonly over = new Panel();
  private readonly back = new Widget();
  private readonly ranks: number[] = [];
  private readonly sharing: Sharing | null;
  private large: Widget | null = null;
  /** What had the focus when something was put over the lists. */
  private before: Element | null = null;

  constructor(
    private readonly watch: IMlopsWatch,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.id = ViewIds.panel;
    this.addClass('jp-jmlops-panel');
    this.title.caption = trans.__('MLOps: runs, models, jobs and reviews');
    this.node.setAttribute('aria-label', trans.__('MLOps'));
    this.node.setAttribute('role', 'region');
    this.header.addWidget(this.place);
    this.over.addClass('jp-jmlops-over');
    this.over.addWidget(this.back);
    this.over.hide();
    if (this.layout instanceof PanelLayout) {
      this.layout.addWidget(this.over);
    }
    this.sharing = this.content instanceof AccordionPanel ? new Sharing(this.content) : null;
    watch.looked.connect(this.drawPlace, this);
    watch.moved.connect(this.drawPlace, this);
    this.drawPlace();
    draw(
      this.back.node,
      h(
        'button',
        {
          type: 'button',
          class: 'jmlops-button',
          on: {
            click: () => {
              this.goBack();
            }
          }
        },
        trans.__('← Back to the lists')
      )
    );
    this.back.addClass('jmlops');
  }

  addSection(section: Widget, rank: number): void {
    const index = this.ranks.filter(other => other <= rank).length;
    this.ranks.splice(index, 0, rank);
    this.insertWidget(index, section);
    this.sharing?.add(section);
  }

  override dispose(): void {
    this.sharing?.dispose();
    super.dispose();
  }

  /** Open the fold of *section*. */
  unfold(section: Widget): void {
    this.clear();
    const index = this.widgets.indexOf(section);
    if (this.content instanceof AccordionPanel && index >= 0) {
      this.content.expand(index);
    }
  }

  /** Show *widget* in place of the sections, with a way back. */
  cover(widget: Widget): void {
    if (!this.large) {
      this.before = document.activeElement;
    }
    this.clear();
    this.large = widget;
    this.content.hide();
    this.over.addWidget(widget);
    this.over.show();
    widget.activate();
  }

  /** The way back hides itself, with the focus: it goes where it came from, else to the first of the lists. */
  private goBack(): void {
    const { before } = this;
    this.clear();
    const there = before instanceof HTMLElement && this.content.node.contains(before);
    const first = this.content.node.querySelector<HTMLElement>(
      '.jp-AccordionPanel-title, .lm-AccordionPanel-title'
    );
    (there ? before : first)?.focus();
  }

  private clear(): void {
    this.large?.dispose();
    this.large = null;
    this.over.hide();
    this.content.show();
  }

  private drawPlace(): void {
    const { workspace } = this.watch;
    const { trans } = this;
    this.place.addClass('jmlops');
    if (!workspace) {
      draw(
        this.place.node,
        h('p', { class: 'jmlops-aside jmlops-place' }, trans.__('Looking for the workspace…'))
      );
      return;
    }
    const where = workspace.folder ?? trans.__('a store given by its address');
    draw(
      this.place.node,
      h(
        'p',
        { class: 'jmlops-aside jmlops-place', title: where },
        trans.__('Workspace'),
        ' ',
        h('strong', {}, workspace.folder ? `${projectOf(workspace)}/.mlops` : where),
        workspace.kept ? null : ` · ${trans.__('nothing is kept yet: the first run makes it')}`,
        workspace.disabled ? ` · ${trans.__('recording is switched off')}` : null
      )
    );
  }
}
