import { RandomStream } from '#core/base/random.ts';
import { PrefixMatch } from '#core/router/index/prefix-match.ts';
import { PromptPath } from '#core/router/index/prompt-path.ts';
import { newRouteQuery, type RouteQuery } from '#core/router/query.ts';
import { Router } from '#core/router/router.ts';
import { type BlockHashOptions, blockHashes, sequenceHashes } from '#core/tokens/block-hash.ts';
import { HashForest } from '#core/tokens/hash-forest.ts';
import { kvOptions } from '../reference/router-options.ts';

/** A rank of a worker, as the recorded service numbers them. */
export interface Rank {
  readonly worker_id: number;
  readonly dp_rank: number;
}

/** A stream that draws what it is told to. */
class ToldStream extends RandomStream {
  pick = 0;

  override nextBelow(bound: number): number {
    return this.pick % bound;
  }
}

/** What a selection says of the worker that it chose. */
export interface Selection extends Rank {
  readonly block_size: number;
  readonly overlap: object;
  readonly effective_prefill_tokens: number;
  readonly potential_decode_blocks: number;
}

/**
 * The router behind the interface of Dynamo's selection service, as far as its recorded steps go.
 * Prompts come as tokens and become paths in a forest of hashes; a rank of a worker is a target.
 */
export class SelectionService {
  readonly #blockSize: number;
  readonly #ranks: readonly Rank[];
  readonly #gone = new Set<number>();
  readonly #forest = new HashForest();
  readonly #router: Router;
  readonly #stream = new ToldStream(0, 'told');
  readonly #ids = new Map<string, number>();
  /** `target/hash of the engine` → the tokens from the prompt's beginning to the block's end. */
  readonly #stored = new Map<string, readonly number[]>();
  #requests = 0;

  constructor(workers: readonly { worker_id: number; dp: number }[], blockSize: number) {
    this.#blockSize = blockSize;
    this.#ranks = workers.flatMap(({ worker_id, dp }) =>
      Array.from({ length: dp }, (_, dp_rank) => ({ worker_id, dp_rank })),
    );
    const options = kvOptions(this.#ranks.length, {
      blockSize,
      maxNumBatchedTokens: 64,
      trackOutputBlocks: true,
    });
    this.#router = new Router(options, this.#forest, this.#stream, this.#forest);
  }

  stored(rank: Rank, names: readonly number[], parent: number | null, tokens: readonly number[]) {
    const target = this.#targetOf(rank);
    let prefix = parent === null ? [] : this.#stored.get(`${target}/${parent}`)!;
    for (const [at, name] of names.entries()) {
      prefix = [...prefix, ...tokens.slice(at * this.#blockSize, (at + 1) * this.#blockSize)];
      this.#stored.set(`${target}/${name}`, prefix);
      // Held for ever: a test has no use for nodes that come and go.
      this.#router.stored(target, this.#forest.intern(this.hashes(prefix)), 1);
    }
  }

  removed(rank: Rank, names: readonly number[]): void {
    const target = this.#targetOf(rank);
    for (const name of names) {
      const node = this.#forest.intern(this.hashes(this.#stored.get(`${target}/${name}`)!));
      this.#router.removed(target, node, 0);
    }
  }

  cleared(rank: Rank): void {
    this.#router.cleared(this.#targetOf(rank));
  }

  deleteWorker(workerId: number): void {
    for (const target of this.#targets()) {
      if (this.#ranks[target]!.worker_id !== workerId) continue;
      this.#router.removeTarget(target, 0);
      this.#gone.add(target);
    }
  }

  /** Sequence hashes of the prompt's full blocks. */
  hashes(tokens: readonly number[], salt: BlockHashOptions = {}): BigUint64Array {
    return sequenceHashes(blockHashes(tokens, this.#blockSize, salt));
  }

  /** Blocks of the prompt that each rank has cached. */
  overlaps(tokens: readonly number[], salt: BlockHashOptions = {}): (Rank & { blocks: number })[] {
    const { query } = this.#queryOf(tokens, salt);
    const path = new PromptPath();
    const match = new PrefixMatch();
    path.fill(this.#forest, query.leaf, query.leafBlocks);
    match.reserve(this.#ranks.length);
    this.#router.index.match(path, match);
    return this.#targets().map((target) => ({
      ...this.#ranks[target]!,
      blocks: match.blocksOf(target),
    }));
  }

  /** Chooses; with an id the prompt stays as load under it. `pick` is the draw among equals. */
  select(tokens: readonly number[], id?: string, pick = 0): Selection {
    this.#stream.pick = pick;
    const { query } = this.#queryOf(tokens);
    if (id !== undefined) query.request = this.#requestOf(id);
    this.#router.arrive(query, 0);
    const { decisions, explainLast } = this.#router;
    const target = decisions.target[0]!;
    const cached = decisions.overlapBlocks[0]! * this.#blockSize;
    decisions.clear();
    if (id === undefined) this.#router.free(query.request, 0);
    const shared = query.totalBlocks - explainLast.additionalBlocks;
    const asked = Math.ceil(tokens.length / this.#blockSize);
    return {
      ...this.#ranks[target]!,
      block_size: this.#blockSize,
      overlap: this.#overlapOf(tokens, this.#ranks[target]!.worker_id),
      effective_prefill_tokens: tokens.length - cached,
      potential_decode_blocks: explainLast.activeBlocks + asked - shared,
    };
  }

  /** Puts a prompt on a worker as load that has no prefill to do. */
  reserve(id: string, workerId: number, tokens: readonly number[]): Rank {
    const { query } = this.#queryOf(tokens);
    query.request = this.#requestOf(id);
    query.pinnedTarget = this.#targetOf({ worker_id: workerId, dp_rank: 0 });
    this.#router.arrive(query, 0);
    this.#router.decisions.clear();
    this.#router.prefillCompleted(query.request, 0);
    return { worker_id: workerId, dp_rank: 0 };
  }

  prefillCompleted(id: string): void {
    this.#router.prefillCompleted(this.#requestOf(id), 0);
  }

  addOutputBlock(id: string, fraction: number | undefined): void {
    this.#router.sequences.addOutputBlock(this.#requestOf(id), fraction);
  }

  /** False when no live reservation has the id. */
  free(id: string): boolean {
    const request = this.#requestOf(id);
    if (this.#router.sequences.targetOf(request) < 0) return false;
    this.#router.free(request, 0);
    return true;
  }

  /** Loads as they are, or with a prompt more. */
  loads(tokens: readonly number[] = []) {
    const { query } = this.#queryOf(tokens);
    const path = new PromptPath();
    const match = new PrefixMatch();
    path.fill(this.#forest, query.leaf, query.leafBlocks);
    this.#router.sequences.match(path, match);
    const cached = this.overlaps(tokens);
    const { activePrefillTokens, activeBlocks, activeRequests } = this.#router.sequences;
    return this.#targets().map((target, place) => ({
      ...this.#ranks[target]!,
      potential_prefill_tokens:
        activePrefillTokens[target]! + tokens.length - cached[place]!.blocks * this.#blockSize,
      potential_decode_blocks: activeBlocks[target]! + path.blocks - match.blocksOf(target),
      active_requests: activeRequests[target]!,
    }));
  }

  /** The longest overlap of the worker's ranks, and that of each, in tokens. */
  #overlapOf(tokens: readonly number[], workerId: number): object {
    const mine = this.overlaps(tokens).filter(({ worker_id }) => worker_id === workerId);
    const dp = mine.map(({ dp_rank, blocks }) => [dp_rank, blocks * this.#blockSize] as const);
    const longest = Math.max(...dp.map(([, matched]) => matched));
    const tiers = { gpu: longest, cpu: longest, disk: longest };
    return { longest_matched: longest, ...tiers, dp: Object.fromEntries(dp) };
  }

  /** A new request for the prompt, whose nodes are held for ever. */
  #queryOf(tokens: readonly number[], salt: BlockHashOptions = {}): { query: RouteQuery } {
    const leaf = this.#forest.intern(this.hashes(tokens, salt));
    const totalBlocks = Math.floor(tokens.length / this.#blockSize);
    const path = { leaf, leafBlocks: leaf < 0 ? 0 : 1, totalBlocks };
    const inputTokens = Math.max(1, tokens.length);
    const query = { ...newRouteQuery(), request: this.#requests++, ...path, inputTokens };
    return { query };
  }

  #requestOf(id: string): number {
    const known = this.#ids.get(id) ?? this.#requests++;
    this.#ids.set(id, known);
    return known;
  }

  #targetOf(rank: Rank): number {
    return this.#ranks.findIndex(
      ({ worker_id, dp_rank }) => worker_id === rank.worker_id && dp_rank === rank.dp_rank,
    );
  }

  #targets(): number[] {
    return [...this.#ranks.keys()].filter((target) => !this.#gone.has(target));
  }
}
