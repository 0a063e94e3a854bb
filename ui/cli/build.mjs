// `npm run build`: the publishable JavaScript. One bundle of our own sources; what comes from the
// registry stays a dependency of the package, so that it is installed, deduplicated and patched there.
import { chmodSync, copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { repositoryRoot } from './ground.mjs';

const output = join(repositoryRoot, 'dist');
const program = join(output, 'windtunnel.js');

rmSync(output, { recursive: true, force: true });
await build({
  absWorkingDir: repositoryRoot,
  entryPoints: ['ui/cli/main.ts'],
  outfile: program,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node24',
  banner: { js: '#!/usr/bin/env node' },
  legalComments: 'none',
  logLevel: 'warning',
});
chmodSync(program, 0o755);
copyFileSync(
  join(repositoryRoot, 'core', 'config', 'schema.gen.json'),
  join(output, 'config.schema.json'),
);
