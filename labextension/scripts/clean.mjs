// A stale file of an earlier build must never ride along in a wheel.
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

for (const path of ['../lib', '../../jupyter_mlops/_labextension', '../../jupyter_mlops/widgets/static']) {
  await rm(fileURLToPath(new URL(path, import.meta.url)), { recursive: true, force: true });
}
