import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sharedPath } from '#test/shared.ts';
import { readTraceFile } from '#traces/files.ts';
import type { LoadedTrace } from '#traces/loaded-trace.ts';

/** Tokens that a hash id of Mooncake's traces stands for. */
const TRACE_BLOCK_TOKENS = 512;

/** Where Mooncake's conversation trace lies, or undefined, said aloud, when it is not there. */
export function conversationPath(): string | undefined {
  const path = sharedPath('traces', 'mooncake', 'conversation_trace.jsonl.gz');
  if (path === undefined) {
    console.log('needs traces/mooncake/conversation_trace.jsonl.gz in the folder of public traces');
    console.log('beside the repository (WINDTUNNEL_SHARED names another place).');
    process.exitCode = 1;
  }
  return path;
}

export function readConversation(path: string): Promise<LoadedTrace> {
  return readTraceFile(path, { format: 'mooncake', traceBlockSize: TRACE_BLOCK_TOKENS });
}

/** Unpacks a trace for a program that reads plain files only, and takes it away afterwards. */
export function withPlainTrace<Result>(path: string, use: (plain: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'windtunnel-bench-'));
  try {
    const plain = join(folder, 'trace.jsonl');
    writeFileSync(plain, gunzipSync(readFileSync(path)));
    return use(plain);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
