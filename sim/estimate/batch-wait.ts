/**
 * How long a prompt waits on average where an engine holds prompts back for up to `passes` passes, so
 * that more of them are computed together (TensorRT-LLM's `batch_wait_timeout_iters`). The first
 * waits for all of them, and those that come meanwhile, `promptsPerPass` of them a pass, for half of
 * them on average:
 *
 *     passes · (1 + a/2) / (1 + a),  a = promptsPerPass · passes
 *
 * Decode goes on meanwhile, so that a pass takes what a token takes. The wait is added to the flight,
 * which does not know it: it is short beside a request, which keeps its place.
 */
export function batchWaitMs(passes: number, promptsPerPass: number, tokenMs: number): number {
  const joining = promptsPerPass * passes;
  return (tokenMs * passes * (1 + joining / 2)) / (1 + joining);
}
