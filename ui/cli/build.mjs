// `npm run build`: the publishable JavaScript. Bundles of our own sources; what comes from the registry
// stays a dependency of the package, so that it is installed, deduplicated and patched there.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { repositoryRoot } from './ground.mjs';

const output = join(repositoryRoot, 'dist');
const launcher = join(output, 'windtunnel.js');

rmSync(output, { recursive: true, force: true });
/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: repositoryRoot,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node24',
  legalComments: 'none',
  // Names stay, for stacks.
  minifyWhitespace: true,
  logLevel: 'warning',
};
// What a verb loads only when it is asked for stands in files of its own, so that others start at once.
await build({
  ...common,
  entryPoints: ['ui/cli/main.ts'],
  outdir: output,
  splitting: true,
  chunkNames: 'part-[hash]',
});
// What `windtunnel` starts: it looks at Node before it loads the program.
copyFileSync(join(repositoryRoot, 'ui', 'cli', 'launch.mjs'), launcher);
chmodSync(launcher, 0o755);
// The thread that writes journals; it is started by its file's name.
await build({
  ...common,
  entryPoints: ['ui/cli/journal/file-thread.ts'],
  outfile: join(output, 'journal-thread.js'),
});
// The thread of a live router's own tokenizer, likewise.
await build({
  ...common,
  entryPoints: ['live/tokens/local/tokenizer-thread.ts'],
  outfile: join(output, 'tokenizer-thread.js'),
});
// The threads of a live router's shadow.
await build({
  ...common,
  entryPoints: {
    'shadow-thread': 'live/shadow/shadow-thread.ts',
    'advise-thread': 'ui/cli/advise/advise-thread.ts',
  },
  outdir: output,
});
// What policy files import: the code in one file, and the declarations as the compiler writes them.
await build({
  ...common,
  entryPoints: ['core/policy/public.ts'],
  outfile: join(output, 'policy.js'),
});
execFileSync(
  process.execPath,
  [
    join(repositoryRoot, 'node_modules', 'typescript', 'bin', 'tsc'),
    ...['--project', join(repositoryRoot, 'ui', 'cli', 'tsconfig.policy.json')],
    ...['--outDir', join(output, 'types')],
  ],
  { stdio: 'inherit' },
);
copyFileSync(
  join(repositoryRoot, 'core', 'config', 'schema.gen.json'),
  join(output, 'config.schema.json'),
);
