/** What a workspace is called, and how two are told apart. */

import type { WorkspaceState } from '../wire';

export interface Home {
  /** The same for all notebooks of one workspace. */
  readonly key: string;
  /** Empty where nothing names it. */
  readonly name: string;
}

const parts = (path: string): readonly string[] => path.split('/').filter(Boolean);

/** The project a workspace is of: the folder a hidden one lies in. */
export const projectOf = ({ folder, root }: WorkspaceState): string =>
  (folder === null ? undefined : parts(folder).at(-2)) ?? parts(root).at(-1) ?? '/';

/** Of the notebook at *place*; by its path alone where the workspace has no folder, or nobody says which. */
export function homeOf(place: string, workspace: WorkspaceState | null): Home {
  const folder = workspace?.folder ?? null;
  return {
    key: hashOf(folder === null ? `place ${place}` : `folder ${folder}`),
    name: workspace && folder !== null ? projectOf(workspace) : ''
  };
}

/** Short and fit for an id: FNV-1a over two different starts. */
function hashOf(text: string): string {
  const part = (start: number): string => {
    let hash = start;
    for (const letter of text) {
      hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    }
    return hash.toString(36);
  };
  return `${part(0x811c9dc5)}${part(0x1b873593)}`;
}
