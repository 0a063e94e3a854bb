import { parentPort, workerData } from 'node:worker_threads';
import { LocalTokenizer } from './local-tokenizer.ts';
import type { PromptTask, TokenizerReply, TokenizerSetup } from './prompt-task.ts';

// One thread of a TokenizerPool: long prompts take milliseconds, which the streams of other requests
// must not wait for.

function open(setup: TokenizerSetup): LocalTokenizer | undefined {
  try {
    const tokenizer = new LocalTokenizer(setup);
    reply({ kind: 'ready' });
    return tokenizer;
  } catch (error) {
    reply({ kind: 'unusable', reason: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

function reply(message: TokenizerReply): void {
  parentPort?.postMessage(message, message.kind === 'read' ? [message.hashes.buffer] : []);
}

const tokenizer = open(workerData as TokenizerSetup);

parentPort?.on('message', (task: PromptTask) => {
  const blocks = tokenizer?.read(task);
  if (blocks === undefined) return reply({ kind: 'unknown', id: task.id });
  const { inputTokens, hashes } = blocks;
  reply({ kind: 'read', id: task.id, inputTokens, hashes: BigUint64Array.from(hashes) });
});
