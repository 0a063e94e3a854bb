import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { until } from '#test/support/until.ts';

const MODULE = pathToFileURL(join(import.meta.dirname, 'end-signals.ts')).href;

test('a signal asks for the end, its echoes do not cut it short, a later one does, and the next ends all', async () => {
  const script = `
    import { hearEndSignals } from '${MODULE}';
    const { end, cut } = hearEndSignals();
    end.onabort = () => console.log('end');
    cut.onabort = () => console.log('cut');
    setInterval(() => undefined, 1000);
    console.log('ready');
  `;
  const args = ['--input-type=module', '--eval', script];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = once(child, 'exit');
  await until('it listens', () => said === 'ready\n');
  child.kill('SIGTERM');
  child.kill('SIGINT');
  await until('it is asked to end', () => said.includes('end'));
  await sleep(600);
  expect(said).toBe('ready\nend\n');
  child.kill('SIGTERM');
  await until('it is cut short', () => said.includes('cut'));
  child.kill('SIGINT');
  expect(await ended).toEqual([null, 'SIGINT']);
});
