import type { MockBackend } from '../mock-options.ts';
import type { AnswerShapes } from './answer-shapes.ts';
import { sglangShapes } from './sglang-shapes.ts';
import { vllmShapes } from './vllm-shapes.ts';

const SHAPES: Readonly<Record<MockBackend, AnswerShapes>> = {
  vllm: vllmShapes,
  sglang: sglangShapes,
};

/** How an engine's errors look, from what vLLM would say: SGLang has no object around them. */
export function errorBodyOf(backend: MockBackend): (body: object) => object {
  if (backend === 'vllm') return (body) => body;
  return (body) => ('error' in body ? { object: 'error', ...(body.error as object) } : body);
}

/** How an engine's answers look. */
export function shapesOf(backend: MockBackend): AnswerShapes {
  return SHAPES[backend];
}
