import { createHash } from 'node:crypto';
import type { RandomStream } from '#core/base/random.ts';
import { EventPublisher } from '#test/support/event-publisher.ts';
import { BLOCK_SIZE, blockTokens, type OraclePrompt } from './oracle-prompts.ts';

/** Where blocks are; what an engine has in host memory is what it had on its GPU before. */
export type Medium = 'GPU' | 'CPU';

/** What becomes of an engine's blocks in a step. */
export type EngineStep = 'store' | 'evict' | 'offload' | 'drop' | 'clear';

/**
 * An engine as far as its KV events go: what it holds is written down here, and published on real
 * sockets. Each batch ends with a block that nothing else looks like, by which its arrival can be seen.
 */
export class OracleEngine {
  readonly worker: number;
  readonly publisher: EventPublisher;
  readonly #hasOwnNames: boolean;
  /** The beginnings that it holds; each has all shorter ones with it. */
  readonly #held = { GPU: new Set<string>(), CPU: new Set<string>() };
  #markers = 0;

  private constructor(worker: number, publisher: EventPublisher, hasOwnNames: boolean) {
    this.worker = worker;
    this.publisher = publisher;
    this.#hasOwnNames = hasOwnNames;
  }

  /** `hasOwnNames`: it calls a block otherwise than other engines call the same block. */
  static async open(worker: number, hasOwnNames: boolean): Promise<OracleEngine> {
    return new OracleEngine(worker, await EventPublisher.open(), hasOwnNames);
  }

  /** Leading blocks of a prompt that it holds on its GPU, and those that follow in host memory. */
  holds({ keys }: OraclePrompt): { readonly device: number; readonly host: number } {
    const { GPU, CPU } = this.#held;
    const device = leading(keys, (key) => GPU.has(key));
    return { device, host: leading(keys.slice(device), (key) => CPU.has(key)) };
  }

  /** Does one thing and publishes it; the tokens of the block by which one sees that it has arrived. */
  async act(
    step: EngineStep,
    prompt: OraclePrompt,
    stream: RandomStream,
    isLost = false,
  ): Promise<readonly number[]> {
    const events = this.#eventsOf(step, prompt, stream);
    const before = this.#marker(this.#markers++);
    const now = this.#marker(this.#markers);
    const goes = { type: 'BlockRemoved', block_hashes: [before.name], medium: 'GPU' };
    const wasThere = step !== 'clear' && this.#markers > 1;
    const comes = this.#stored([now.name], null, now.tokens, 'GPU');
    const all = [...events, ...(wasThere ? [goes] : []), comes];
    if (isLost) await this.publisher.lose(all);
    else await this.publisher.publish(all);
    return now.tokens;
  }

  #eventsOf(step: EngineStep, prompt: OraclePrompt, stream: RandomStream): readonly object[] {
    if (step === 'store') return this.#store(prompt.keys, 'GPU');
    if (step === 'offload') {
      return this.#store(prompt.keys.slice(0, this.holds(prompt).device), 'CPU');
    }
    if (step === 'clear') {
      for (const held of Object.values(this.#held)) held.clear();
      return [{ type: 'AllBlocksCleared' }];
    }
    return this.#remove(step === 'evict' ? 'GPU' : 'CPU', 1 + stream.nextBelow(4), stream);
  }

  /** What of a prompt is not there yet, in one event. */
  #store(keys: readonly string[], medium: Medium): readonly object[] {
    const held = this.#held[medium];
    const known = leading(keys, (key) => held.has(key));
    const fresh = keys.slice(known);
    if (fresh.length === 0) return [];
    for (const key of fresh) held.add(key);
    const parent = known === 0 ? null : this.#nameOf(keys[known - 1]!);
    const names = fresh.map((key) => this.#nameOf(key));
    return [this.#stored(names, parent, fresh.flatMap(blockTokens), medium)];
  }

  /** Removes blocks that no other one follows, one event each, as engines evict. */
  #remove(medium: Medium, count: number, stream: RandomStream): readonly object[] {
    const held = this.#held[medium];
    const events: object[] = [];
    for (let removed = 0; removed < count; removed++) {
      const leaves = [...held].filter((key) => !held.has(`${key}0`) && !held.has(`${key}1`));
      if (leaves.length === 0) break;
      const key = leaves.sort()[stream.nextBelow(leaves.length)]!;
      held.delete(key);
      events.push({ type: 'BlockRemoved', block_hashes: [this.#nameOf(key)], medium });
    }
    return events;
  }

  #stored(
    names: readonly bigint[],
    parent: bigint | null,
    tokens: readonly number[],
    medium: Medium,
  ): object {
    return {
      type: 'BlockStored',
      block_hashes: names,
      parent_block_hash: parent,
      token_ids: tokens,
      block_size: BLOCK_SIZE,
      lora_id: null,
      medium,
      lora_name: null,
    };
  }

  #marker(number: number): { readonly name: bigint; readonly tokens: readonly number[] } {
    const first = 100_000 + 10_000 * this.worker + BLOCK_SIZE * number;
    const tokens = Array.from({ length: BLOCK_SIZE }, (_, at) => first + at);
    return { name: this.#nameOf(`marker ${this.worker} ${number}`), tokens };
  }

  #nameOf(key: string): bigint {
    const text = this.#hasOwnNames ? `${this.worker}/${key}` : key;
    return createHash('sha256').update(text).digest().readBigUInt64BE();
  }
}

/** How many of the first ones are so, without a gap. */
function leading<T>(all: readonly T[], isSo: (one: T) => boolean): number {
  const end = all.findIndex((one) => !isSo(one));
  return end < 0 ? all.length : end;
}
