// Files that import each other in a circle, imports of types counted: the linter's rule passes over those, and it is
// with a type that every knot begins.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../src/', import.meta.url));
const files = readdirSync(source, { recursive: true }).filter(name => name.endsWith('.ts'));
const imports = new Map(
  files.map(name => {
    const found = readFileSync(join(source, name), 'utf8').matchAll(/from '(\.{1,2}\/[^']+)'/g);
    return [name, [...found].map(([, path]) => normalize(`${join(dirname(name), path)}.ts`))];
  })
);

const done = new Set();
const circles = [];

function walk(name, trail) {
  if (trail.includes(name)) {
    circles.push([...trail.slice(trail.indexOf(name)), name].join(' → '));
  } else if (!done.has(name)) {
    (imports.get(name) ?? []).forEach(next => walk(next, [...trail, name]));
    done.add(name);
  }
}

files.forEach(name => walk(name, []));
if (circles.length > 0) {
  console.error(`Circles of imports:\n  ${circles.join('\n  ')}`);
  process.exit(1);
}
