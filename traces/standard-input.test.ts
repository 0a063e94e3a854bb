import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Counts the requests of a trace, and says when a read that does not wait has failed. */
const READER = `
  import { readTraceFile } from ${JSON.stringify(join(import.meta.dirname, 'files.ts'))};
  const trace = readTraceFile('-', { format: 'auto' });
  setTimeout(() => console.log('waiting'), 50);
  console.log('requests ' + (await trace).requests);
`;

/** A program that looks at its own standard input makes it non-blocking to its children, too. */
const PARENT = `
  const { spawn } = require('node:child_process');
  const reader = spawn(process.execPath, ['--input-type=module', '-e', process.argv[1]], { stdio: 'inherit' });
  process.stdin.pause();
  reader.on('exit', (code) => process.exit(code ?? 1));
`;

test('a producer may be slower than the reader, and pause within a line', async () => {
  const child = spawn(process.execPath, ['-e', PARENT, READER], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8');
  await new Promise<void>((settle) => {
    child.stdout.on('data', (text: string) => {
      said += text;
      if (said.includes('waiting')) settle();
    });
    child.on('exit', () => settle());
  });
  const rows = [0, 1, 2].map((id) => `{"timestamp": ${id}, "output_length": 1, "hash_ids": [1]}\n`);
  const text = rows.join('');
  child.stdin.on('error', () => undefined);
  child.stdin.write(text.slice(0, 70));
  await new Promise((settle) => setTimeout(settle, 50));
  child.stdin.end(text.slice(70));
  const [status] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
  expect([status, said]).toEqual([0, 'waiting\nrequests 3\n']);
}, 60_000);
