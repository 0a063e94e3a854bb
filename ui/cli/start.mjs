// `npm start`: from a fresh clone to the first answer. What follows `npm start --` takes the place of
// the default arguments, so that `npm start -- replay FILE` is the command line.
import { join } from 'node:path';
import { ensureInstalled, repositoryRoot, runPinned } from './ground.mjs';

/** The main job: which router serves the sample traffic better, and is the difference real? */
const DEFAULT_ARGUMENTS = [
  'compare',
  'traces/samples/mixed.jsonl.gz',
  '--vary',
  'router.mode=round_robin,kv_router',
  '--seeds',
  '5',
];

ensureInstalled();
// Node keeps there what it made of our TypeScript, so that only the first command pays for it. It goes
// by the content of each file, and with node_modules.
process.env.NODE_COMPILE_CACHE ??= join(repositoryRoot, 'node_modules', '.cache', 'windtunnel');
// A run ends with the command that repeats it, as the user can type it here.
process.env.WINDTUNNEL_PROGRAM = 'npm start --';
const received = process.argv.slice(2);
// The default names a file of the repository; npm runs its scripts from there.
if (received.length === 0) process.chdir(repositoryRoot);
process.exitCode = await runPinned([
  join(repositoryRoot, 'ui', 'cli', 'main.ts'),
  ...(received.length === 0 ? DEFAULT_ARGUMENTS : received),
]);
