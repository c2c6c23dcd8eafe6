/** The side panel that the nouns' sections stand in, and the place where one thing is shown large. */

import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';
import { runsIcon } from '../panels/icon';
import { Sidebar } from '../panels/sidebar';
import { CommandIds, IMlopsPanel, IMlopsWatch, NAMESPACE, PluginIds, ViewIds, type Again } from '../tokens';

const RANK = 900;

export const panelPlugin: JupyterFrontEndPlugin<IMlopsPanel> = {
  id: PluginIds.panel,
  description: 'The side panel of jupyter-mlops.',
  autoStart: true,
  provides: IMlopsPanel,
  requires: [IMlopsWatch],
  optional: [ITranslator, ILabShell, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    watch: IMlopsWatch,
    translator: ITranslator | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): IMlopsPanel => {
    const trans = (translator ?? nullTranslator).load(NAMESPACE);
    const sidebar = new Sidebar(watch, trans);
    sidebar.title.icon = runsIcon;
    app.shell.add(sidebar, 'left', { rank: RANK });
    restorer?.add(sidebar, ViewIds.panel);

    const shown = new Shown(app, restorer);
    const panel = new Panel(app, sidebar, labShell ? shown : null);
    app.commands.addCommand(CommandIds.showPanel, {
      label: trans.__('Show the MLOps Panel'),
      caption: trans.__('Runs, models, jobs and reviews of the open notebook’s workspace'),
      icon: runsIcon,
      execute: () => {
        app.shell.activateById(ViewIds.panel);
      }
    });
    app.commands.addCommand(CommandIds.refresh, {
      label: trans.__('Look Again for What Is New'),
      execute: () => watch.look()
    });
    for (const command of [CommandIds.showPanel, CommandIds.refresh]) {
      palette?.addItem({ command, category: trans.__('MLOps') });
    }
    return panel;
  }
};

class Panel implements IMlopsPanel {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly sidebar: Sidebar,
    private readonly shown: Shown | null
  ) {}

  addSection(section: Widget, rank: number): void {
    this.sidebar.addSection(section, rank);
  }

  reveal(section: Widget): void {
    this.app.shell.activateById(this.sidebar.id);
    this.sidebar.unfold(section);
  }

  show(widget: Widget, again: Again): void {
    if (this.shown) {
      this.shown.add(widget, again);
    } else {
      this.app.shell.activateById(this.sidebar.id);
      this.sidebar.cover(widget);
    }
  }
}

/** What stands in the main area, each thing once, and again after a reload. */
class Shown {
  private readonly tracker = new WidgetTracker<MainAreaWidget>({ namespace: NAMESPACE });
  private readonly agains = new Map<string, Again>();

  constructor(
    private readonly app: JupyterFrontEnd,
    restorer: ILayoutRestorer | null
  ) {
    app.commands.addCommand(CommandIds.showAgain, {
      execute: args => {
        const { command, args: given } = args as unknown as Again;
        return app.commands.execute(command, { ...given });
      }
    });
    void restorer?.restore(this.tracker, {
      command: CommandIds.showAgain,
      args: widget => ({ ...this.agains.get(widget.id) }),
      name: widget => widget.id
    });
  }

  add(content: Widget, again: Again): void {
    const old = this.tracker.find(widget => widget.id === content.id);
    if (old) {
      content.dispose();
      this.app.shell.activateById(old.id);
      return;
    }
    const main = new MainAreaWidget({ content });
    main.id = content.id;
    content.id = `${main.id}-content`;
    this.agains.set(main.id, again);
    main.title.icon = runsIcon;
    main.toolbar.hide();
    this.app.shell.add(main, 'main');
    this.app.shell.activateById(main.id);
    void this.tracker.add(main);
  }
}
