import type { HandRow } from '#test/reference/hand-trace.ts';
import { generateTrace } from '#traces/generate/generate-trace.ts';
import type { Tenant } from '#traces/generate/tenants.ts';
import type { Draw } from '../../draw.ts';
import type { Feature } from '../feature.ts';

/** Lognormal lengths of a few tokens, where the real ones have thousands. */
function tokens(median: number, max: number): Tenant['outputTokens'] {
  return { median, sigma: 0.8, min: 1, max };
}

function smallTenant(name: string, draw: Draw): Tenant {
  return {
    name,
    share: draw.between(1, 3),
    systemPrompts: draw.between(1, 4),
    systemTokens: tokens(draw.pick([4, 16, 40]), 80),
    meanTurns: draw.pick([1, 1, 2, 5]),
    firstInputTokens: tokens(12, 40),
    laterInputTokens: tokens(6, 30),
    outputTokens: tokens(draw.pick([2, 8, 20]), 60),
    delayMs: { median: draw.pick([1, 20, 200]), sigma: 1, min: 1, max: 2_000 },
    maxPromptTokens: 200,
  };
}

/** A line of Mooncake as a row; the time of a later turn is nominal. */
function rowOf(line: string): HandRow {
  const row = JSON.parse(line);
  return {
    atMs: row.timestamp,
    ...(row.delay !== undefined && { delayMs: row.delay }),
    ...(row.session_id !== undefined && { session: row.session_id }),
    ...(row.tenant !== undefined && { tenant: row.tenant }),
    input: row.input_length,
    output: row.output_length,
    ids: row.hash_ids,
  };
}

const generatedTraffic: Feature = {
  name: 'traffic of the generator',
  lay(flight, draw) {
    const names = ['questions', 'chat', 'agents'].slice(0, draw.between(1, 3));
    const lines = generateTrace({
      tenants: names.map((name) => smallTenant(name, draw)),
      requests: draw.between(5, 60),
      requestRate: draw.pick([20, 100, 400]),
      burstiness: draw.pick([0.3, 1, 1]),
      seed: flight.seed,
      traceBlockSize: flight.number('workload.trace_block_size', 1),
    });
    flight.rows = [...lines].map(rowOf);
  },
};

export const GENERATED_FEATURES: readonly Feature[] = [generatedTraffic];
