// `npm run bench -- NAME`: installs what is missing, then runs the bench on the pinned Node.
import { join } from 'node:path';
import { ensureInstalled, repositoryRoot, runPinned } from '#ui/cli/ground.mjs';

ensureInstalled();
process.exitCode = await runPinned([
  join(repositoryRoot, 'test', 'bench', 'main.ts'),
  ...process.argv.slice(2),
]);
