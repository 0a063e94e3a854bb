import type { MockBackend } from '../mock-options.ts';
import type { AnswerShapes } from './answer-shapes.ts';
import { vllmShapes } from './vllm-shapes.ts';

const SHAPES: Readonly<Record<MockBackend, AnswerShapes>> = {
  vllm: vllmShapes,
  sglang: vllmShapes,
};

/** How an engine's answers look. */
export function shapesOf(backend: MockBackend): AnswerShapes {
  return SHAPES[backend];
}
