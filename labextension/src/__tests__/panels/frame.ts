/** JupyterLab's side panel as far as ours is built on it. Import it before whatever imports that. */

import './page';
import { Panel, type Widget } from '@lumino/widgets';

class SidePanel extends Panel {
  readonly header = new Panel();
  readonly content = new Panel();

  constructor() {
    super();
    this.addWidget(this.header);
    this.addWidget(this.content);
  }

  insertWidget(index: number, widget: Widget): void {
    this.content.insertWidget(index, widget);
  }
}

jest.doMock('@jupyterlab/ui-components', () => ({ SidePanel }));
