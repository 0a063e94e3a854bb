import type { EngineLife } from '../engine-life.ts';
import type { ServedModel } from './generate-body.ts';

/** What bodies are held against. */
export function servedModel({ options, worker }: EngineLife): ServedModel {
  const { model, loras, answerTokens, backend } = options;
  const { maxModelLen, ranks } = worker.engine;
  return { model, loras, maxModelLen, ranks, answerTokens, backend };
}
