import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { needReference, sharedPath } from '../shared.ts';
import { SelectionService } from './selection-service.ts';

const FILE = 'parity/vectors/selection.json';
const OVERLAP_ZEROS = {
  host_pinned_extension_blocks: 0,
  disk_extension_blocks: 0,
  shared_beyond_device_blocks: null,
};
const NO_SHARED_CACHE = { enabled: false, total_hit_blocks: 0, ranges: [], error: null };

interface Step {
  readonly op: string;
  readonly worker_id: number;
  readonly dp_rank: number;
  readonly block_hashes: readonly number[];
  readonly parent: number | null;
  readonly token_ids: readonly number[];
  readonly selection_id: string;
  readonly decay_fraction?: number;
  readonly lora_name?: string;
  readonly cache_salt?: string;
  readonly model_name?: string;
  readonly result?: unknown;
  readonly error?: { readonly kind: string };
}

interface Vectors {
  readonly workers: readonly { worker_id: number; dp: number }[];
  readonly block_size: number;
  readonly not_compared: readonly string[];
  readonly steps: readonly Step[];
}

/** What the service answers: a result, or the kind of an error. */
type Answer = { readonly result: unknown } | { readonly kind: string };

function overlapScores(service: SelectionService, step: Step, blockSize: number): object {
  const salt = { loraName: step.lora_name ?? '', cacheNamespace: step.cache_salt ?? '' };
  return {
    block_size: blockSize,
    num_blocks: Math.floor(step.token_ids.length / blockSize),
    workers: service.overlaps(step.token_ids, salt).map(({ blocks, ...rank }) => ({
      ...rank,
      device_blocks: blocks,
      host_pinned_blocks: blocks,
      disk_blocks: blocks,
      ...OVERLAP_ZEROS,
    })),
    shared_cache: NO_SHARED_CACHE,
  };
}

function selectAndReserve(service: SelectionService, step: Step): Answer {
  try {
    const selection = service.select(step.token_ids, step.selection_id);
    const named = {
      selection_id: step.selection_id,
      sequence_hashes: Array.from(service.hashes(step.token_ids), String),
      isl_tokens: step.token_ids.length,
      track_prefill_tokens: true,
    };
    return { result: { ...named, ...selection } };
  } catch (error) {
    expect(error).toMatchObject({ code: 'router_duplicate_request' });
    return { kind: 'conflict' };
  }
}

/** Plays a step; an answer of undefined stands for a step that answers nothing. */
function play(service: SelectionService, step: Step, blockSize: number): Answer | undefined {
  switch (step.op) {
    case 'stored':
      service.stored(step, step.block_hashes, step.parent, step.token_ids);
      return undefined;
    case 'removed':
      service.removed(step, step.block_hashes);
      return undefined;
    case 'cleared':
      service.cleared(step);
      return undefined;
    case 'overlap_scores':
      return { result: overlapScores(service, step, blockSize) };
    case 'select':
      // Each model has a router of its own; this one serves the model of all other steps.
      if (step.model_name !== undefined) return { kind: 'not_ready' };
      return { result: service.select(step.token_ids) };
    case 'select_and_reserve':
      return selectAndReserve(service, step);
    case 'create_reservation': {
      const rank = service.reserve(step.selection_id, step.worker_id, step.token_ids);
      return { result: { selection_id: step.selection_id, ...rank } };
    }
    case 'prefill_complete':
      service.prefillCompleted(step.selection_id);
      return { result: [] };
    case 'add_output_block':
      service.addOutputBlock(step.selection_id, step.decay_fraction);
      return { result: null };
    case 'free_reservation':
      return service.free(step.selection_id) ? { result: [] } : { kind: 'not_found' };
    case 'loads': {
      const loads = service.loads();
      return { result: [{ loads, pending_count: 0, pending_isl_tokens: 0 }] };
    }
    case 'potential_loads':
      return { result: service.loads(step.token_ids) };
    case 'delete_worker':
      service.deleteWorker(step.worker_id);
      // What it answers describes the registration of the worker, which is not the router's.
      return undefined;
    default:
      throw new Error(`no such step: ${step.op}`);
  }
}

/** More draws than there are ranks among which one could be needed. */
const DRAWS = 4;

/**
 * A choice among equals came out differently each time that it was recorded: what is compared must be
 * true of one of the ranks that are equally good here, and there must be several.
 */
function expectTie(service: SelectionService, step: Step, names: readonly string[]): void {
  const choices = Array.from({ length: DRAWS }, (_, pick) =>
    service.select(step.token_ids, undefined, pick),
  );
  expect(new Set(choices.map((choice) => JSON.stringify(choice))).size).toBeGreaterThan(1);
  const compared = choices.map((choice) =>
    Object.fromEntries(Object.entries(choice).filter(([name]) => !names.includes(name))),
  );
  expect(compared).toContainEqual(step.result);
}

/** What a random tie decided when the step was recorded. */
function tiedNames(step: number, notCompared: readonly string[]): string[] {
  const paths = notCompared.filter((path) => path.startsWith(`${step}/result/`));
  return paths.map((path) => path.split('/')[2]!);
}

test('the router answers the 63 recorded steps of the selection service', (context) => {
  needReference(context, FILE);
  const vectors = JSON.parse(readFileSync(sharedPath(FILE)!, 'utf8')) as Vectors;
  const { workers, block_size: blockSize, not_compared: notCompared, steps } = vectors;
  expect(steps).toHaveLength(63);
  const service = new SelectionService(workers, blockSize);
  let compared = 0;
  for (const [number, step] of steps.entries()) {
    const where = `step ${number}, ${step.op}`;
    const tied = tiedNames(number, notCompared);
    if (tied.length > 0) {
      expectTie(service, step, tied);
      compared++;
      continue;
    }
    const answer = play(service, step, blockSize);
    if (answer === undefined) continue;
    compared++;
    if (step.error !== undefined) {
      expect(answer, where).toEqual({ kind: step.error.kind });
      continue;
    }
    expect(answer, where).toEqual({ result: step.result });
  }
  // All but six KV events and the removal of a worker answer something.
  expect(compared).toBe(56);
});
