import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, '..', 'main.ts');
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

test('it prints one line when it is ready, answers, and ends with 0 on SIGTERM', async () => {
  const args = ['mock-engine', '--port', '0', '--workers', '2', '--speed', '100'];
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const urls = /^tiny \(vllm\) is served at (\S+) (\S+)$/.exec(line)!.slice(1);
  for (const url of urls) {
    const response = await fetch(`${url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'tiny', prompt: 'hello', max_tokens: 2 }),
    });
    expect((await response.json()) as object).toHaveProperty('usage.completion_tokens', 2);
  }
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});
