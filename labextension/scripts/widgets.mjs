// The views once more, as plain ES modules that an anywidget loads in any notebook front end.
import { build } from 'esbuild';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const here = path => fileURLToPath(new URL(path, import.meta.url));
const out = here('../../jupyter_mlops/widgets/static/');
const names = (await readdir(here('../src/widgets'))).filter(
  name => name.endsWith('.ts') && name !== 'host.ts'
);

await build({
  entryPoints: names.map(name => here(`../src/widgets/${name}`)),
  outdir: out,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning'
});
await build({
  entryPoints: [here('../style/views.css')],
  outfile: `${out}widgets.css`,
  // Notebooks are also read in browsers that do not know nested rules.
  target: ['chrome111', 'firefox115', 'safari16.4'],
  minify: true,
  logLevel: 'warning'
});
