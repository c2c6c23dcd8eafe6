/** JupyterLab in little: what the plugins name of it when they are loaded. Import it before them. */

import '../panels/page';

export const errors: string[] = [];

interface Action {
  readonly label: string;
  readonly callback: () => void;
}
/** What was shown as notifications of JupyterLab. */
export const emitted: { message: string; type: string; autoClose: unknown; actions: readonly Action[] }[] =
  [];

/** The server behind the connection: takes an address and what is asked of it. */
export const server: { answer: (url: string, init: RequestInit) => Promise<unknown> } = {
  answer: () => Promise.reject(new Error('nobody is there'))
};
const requested = (...[url, init]: readonly unknown[]): Promise<unknown> =>
  server.answer(url as string, init as RequestInit);

function Nothing(): void {
  // Made, and never used here.
}

jest.doMock('@jupyterlab/notebook', () => ({ INotebookTracker: 'notebooks' }));
jest.doMock('@jupyterlab/settingregistry', () => ({ ISettingRegistry: 'settings' }));
jest.doMock('@jupyterlab/docregistry', () => ({ DocumentWidget: Nothing }));
jest.doMock('@jupyterlab/ui-components', () => ({ LabIcon: Nothing }));
jest.doMock('@jupyterlab/services', () => ({
  ServerConnection: { makeRequest: (...given: readonly unknown[]) => requested(...given) }
}));
jest.doMock('@jupyterlab/coreutils', () => ({
  URLExt: { join: (...parts: readonly string[]) => parts.join('/').replace(/([^:])\/{2,}/g, '$1/') }
}));
jest.doMock('@jupyterlab/translation', () => ({ ITranslator: 'translator' }));
jest.doMock('@jupyterlab/apputils', () => ({
  ICommandPalette: 'palette',
  Notification: {
    error: (message: string) => errors.push(message),
    emit: (message: string, type: string, more: { autoClose: unknown; actions: readonly Action[] }) =>
      emitted.push({ message, type, ...more })
  }
}));

type Given = Readonly<Record<string, unknown>>;
interface Command {
  readonly execute: (args: Given) => unknown;
}

/** An application with its commands and the paths of its files as they are. */
export class FakeApp {
  readonly commands = {
    all: new Map<string, Command>(),
    addCommand: (id: string, command: Command): void => {
      this.commands.all.set(id, command);
    },
    notifyCommandChanged: (): void => undefined,
    execute: (id: string, args: Given = {}): Promise<unknown> =>
      Promise.resolve(this.commands.all.get(id)?.execute(args))
  };
  readonly restored = Promise.resolve();
  readonly serviceManager = {
    contents: { localPath: (path: string): string => path.replace(/^\w+:/, '') },
    serverSettings: { baseUrl: 'http://here/' }
  };
}

/** Whatever is shown large, and the sections. */
export class FakePanel {
  readonly shown: { readonly id: string }[] = [];
  readonly sections: unknown[] = [];
  addSection(section: unknown): void {
    this.sections.push(section);
  }
  readonly revealed: unknown[] = [];
  reveal(section: unknown): void {
    this.revealed.push(section);
  }
  show(widget: { readonly id: string }): void {
    this.shown.push(widget);
  }
}

/** A plugin's `activate` as it is called with what stands in here for the real thing. */
export const activated = (plugin: { readonly activate: unknown }, ...given: readonly unknown[]): unknown =>
  (plugin.activate as (...all: readonly unknown[]) => unknown)(...given);

/** The translator of a page whose language is English. */
export { untranslated } from '../../views/words';
