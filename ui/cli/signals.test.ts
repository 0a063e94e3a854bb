import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const SIGNALS = pathToFileURL(join(import.meta.dirname, 'signals.ts')).href;

test('a signal waits for the work that holds the thread, and then ends the process', () => {
  const script = `
    import { deferSignals } from '${SIGNALS}';
    const restore = deferSignals();
    process.kill(process.pid, 'SIGTERM');
    process.stdout.write('whole');
    restore();
    setTimeout(() => process.stdout.write(' and more'), 500);
  `;
  const args = ['--input-type=module', '--eval', script];
  const run = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect([run.status, run.stdout]).toEqual([143, 'whole']);
});
