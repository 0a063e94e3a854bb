import { blockHashes, sequenceHashes } from '#core/tokens/block-hash.ts';
import type { OracleEngine } from './oracle-engine.ts';
import { BLOCK_SIZE } from './oracle-prompts.ts';
import { DynamoService, type ServiceAnswer } from './service.ts';

const MODEL = { model_name: 'm' };

/** What the selector says of one worker's cache, in blocks; tiers count what is above them. */
export interface TheirOverlap {
  readonly worker_id: number;
  readonly device_blocks: number;
  readonly host_pinned_blocks: number;
}

export interface TheirSelection {
  readonly worker_id: number;
  readonly effective_prefill_tokens: number;
  readonly potential_decode_blocks: number;
}

export interface TheirLoad {
  readonly worker_id: number;
  readonly potential_prefill_tokens: number;
  readonly potential_decode_blocks: number;
  readonly active_requests: number;
}

export interface TheirSlots {
  readonly worker_id: number;
  readonly active_prefill_tokens: number;
  readonly active_decode_blocks: number;
}

/** Dynamo's indexer, selector and slot tracker on the sockets of the engines. */
export class TheirSide {
  readonly #indexer: DynamoService;
  readonly #selector: DynamoService;
  readonly #slots: DynamoService;

  private constructor(indexer: DynamoService, selector: DynamoService, slots: DynamoService) {
    this.#indexer = indexer;
    this.#selector = selector;
    this.#slots = slots;
  }

  static async open(python: string, engines: readonly OracleEngine[]): Promise<TheirSide> {
    const [indexer, selector, slots] = await Promise.all([
      DynamoService.start(python, 'indexer'),
      DynamoService.start(python, 'select_service'),
      DynamoService.start(python, 'slot_tracker'),
    ]);
    const opened = new TheirSide(indexer, selector, slots);
    for (const engine of engines) await opened.#register(engine);
    return opened;
  }

  /** What the selector's index says of a prompt, by worker. */
  async overlaps(tokens: readonly number[]): Promise<readonly TheirOverlap[]> {
    type Answer = { readonly workers: readonly TheirOverlap[] };
    const asked = { token_ids: tokens, ...MODEL };
    const { body } = await this.#selector.call<Answer>('POST', '/overlap_scores', asked);
    return byWorker(body.workers);
  }

  /** Blocks that the indexer knows each worker to hold on its GPU. */
  async indexed(tokens: readonly number[], workers: number): Promise<readonly number[]> {
    type Answer = { readonly scores: Readonly<Record<string, Readonly<Record<string, number>>>> };
    const asked = { token_ids: tokens, ...MODEL };
    const { body } = await this.#indexer.call<Answer>('POST', '/query', asked);
    const matched = (worker: number): number => body.scores[worker]?.['0'] ?? 0;
    return Array.from({ length: workers }, (_, at) => matched(at + 1) / BLOCK_SIZE);
  }

  async select(tokens: readonly number[]): Promise<TheirSelection> {
    const asked = { token_ids: tokens, ...MODEL };
    return (await this.#selector.call<TheirSelection>('POST', '/select', asked)).body;
  }

  /** Books a request that goes to a worker with the selector and the slot tracker. */
  async reserve(
    id: string,
    tokens: readonly number[],
    { worker, expected }: { readonly worker: number; readonly expected: number },
  ): Promise<ServiceAnswer<TheirSelection>> {
    const answer = await this.#selector.call<TheirSelection>('POST', '/select_and_reserve', {
      selection_id: id,
      token_ids: tokens,
      pinned_worker: { worker_id: worker, dp_rank: 0 },
      ...(expected > 0 && { expected_output_tokens: expected }),
      ...MODEL,
    });
    const { worker_id, effective_prefill_tokens: fresh } = answer.body;
    const slot = { request_id: id, worker_id, dp_rank: 0, new_isl_tokens: fresh, ...MODEL };
    // Hashes do not fit into a number of JavaScript, so they are written by hand.
    const rest = JSON.stringify(slot).slice(1);
    await this.#slots.call('POST', '/add', `{"sequence_hashes":[${signedHashes(tokens)}],${rest}`);
    return answer;
  }

  async prefillComplete(id: string): Promise<void> {
    await this.#selector.call('POST', `/reservations/${id}/prefill_complete`);
    await this.#slots.call('POST', '/prefill_complete', { request_id: id, ...MODEL });
  }

  /** `fraction`: the part of a block that an output block still counts for. */
  async outputBlock(id: string, fraction: number | undefined): Promise<void> {
    const body = fraction === undefined ? {} : { decay_fraction: fraction };
    await this.#selector.call('POST', `/reservations/${id}/output_block`, body);
  }

  async free(id: string): Promise<void> {
    await this.#selector.call('DELETE', `/reservations/${id}`);
    await this.#slots.call('POST', '/free', { request_id: id, ...MODEL });
  }

  async loads(): Promise<readonly TheirLoad[]> {
    type Answer = readonly { readonly loads: readonly TheirLoad[] }[];
    const { body } = await this.#selector.call<Answer>('GET', '/loads');
    return byWorker(body[0]!.loads);
  }

  async slots(): Promise<readonly TheirSlots[]> {
    return byWorker((await this.#slots.call<readonly TheirSlots[]>('GET', '/loads')).body);
  }

  async close(): Promise<void> {
    await Promise.all([this.#indexer, this.#selector, this.#slots].map((one) => one.stop()));
  }

  async #register({ worker, publisher }: OracleEngine): Promise<void> {
    const { address: endpoint, replayAddress: replay_endpoint } = publisher;
    await this.#indexer.call('POST', '/register', {
      ...{ instance_id: worker, endpoint, replay_endpoint, block_size: BLOCK_SIZE, dp_rank: 0 },
      ...MODEL,
    });
    await this.#selector.call('POST', '/workers', {
      ...{ worker_id: worker, endpoint: `http://127.0.0.1:${9_000 + worker}`, replay_endpoint },
      ...{ kv_events_endpoints: { 0: endpoint }, block_size: BLOCK_SIZE },
      ...{ max_num_batched_tokens: 64, total_kv_blocks: 100, ...MODEL },
    });
    await this.#slots.call('POST', '/register', {
      ...{ worker_id: worker, dp_start: 0, dp_size: 1, block_size: BLOCK_SIZE, ...MODEL },
    });
  }
}

/** Sequence hashes of a prompt's full blocks as Dynamo writes them: signed, separated by commas. */
export function signedHashes(tokens: readonly number[]): string {
  const hashes = sequenceHashes(blockHashes(tokens, BLOCK_SIZE));
  return Array.from(hashes, (hash) => BigInt.asIntN(64, hash)).join();
}

function byWorker<T extends { readonly worker_id: number }>(all: readonly T[]): readonly T[] {
  return [...all].sort((a, b) => a.worker_id - b.worker_id);
}
