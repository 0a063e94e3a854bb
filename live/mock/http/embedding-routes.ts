import { randomBytes } from 'node:crypto';
import { Task } from '#sim/public.ts';
import type { EngineLife } from '../engine-life.ts';
import { Generator } from '../tokens/generator.ts';
import { readGenerateBody } from './generate-body.ts';
import { rankOf } from './rank-header.ts';
import { readJsonBody } from './read-body.ts';
import { sendJson } from './send-json.ts';
import { servedModel } from './served-model.ts';
import type { Exchange, Routes } from './server.ts';

/** Length of a vector where nobody asks for another. */
const DIMENSIONS = 64;

/** `/v1/embeddings`: prompts are computed, and what comes out of each follows from it. */
export function embeddingRoutes(life: EngineLife): Routes {
  return { '/v1/embeddings': { POST: (exchange) => embed(life, exchange) } };
}

async function embed(life: EngineLife, { request, response }: Exchange): Promise<void> {
  const json = await readJsonBody(request);
  const served = servedModel(life);
  const body = readGenerateBody(
    'completion',
    { ...json, prompt: json.input, max_tokens: 1 },
    served,
  );
  const rank = rankOf(request, served.ranks);
  const { salt, priority, model, prompts } = body;
  let left = prompts.length;
  const created = Math.floor(Date.now() / 1000);
  const promptTokens = prompts.reduce((sum, prompt) => sum + prompt.length, 0);
  const size = typeof json.dimensions === 'number' ? json.dimensions : DIMENSIONS;
  const done = (): void => {
    if (--left > 0) return;
    sendJson(response, 200, {
      id: `embd-${randomBytes(8).toString('hex')}`,
      object: 'list',
      created,
      model,
      data: prompts.map((prompt, index) => ({
        index,
        object: 'embedding',
        embedding: written(vectorOf(prompt, size), json.encoding_format),
      })),
      usage: {
        prompt_tokens: promptTokens,
        total_tokens: promptTokens,
        completion_tokens: 0,
        prompt_tokens_details: null,
      },
    });
  };
  for (const prompt of prompts) {
    const asked = life.worker.submit(
      {
        prompt,
        answer: new Uint32Array(0),
        finishReason: 'stop',
        maxTokens: 0,
        salt,
        priority,
        task: Task.embed,
        ...(rank !== undefined && { rank }),
      },
      { tokens: () => {}, completed: done, rejected: done },
    );
    response.once('close', () => asked.cancel());
  }
}

/** A vector of length 1. */
function vectorOf(prompt: Uint32Array, size: number): readonly number[] {
  const generator = new Generator(prompt);
  const raw = Array.from({ length: size }, () => (generator.next() - 3000) / 2000);
  const length = Math.hypot(...raw) || 1;
  return raw.map((value) => value / length);
}

function written(vector: readonly number[], format: unknown): readonly number[] | string {
  if (format !== 'base64') return vector;
  return Buffer.from(Float32Array.from(vector).buffer).toString('base64');
}
