import { assert } from '#core/base/assert.ts';
import { RowAllocator } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { HolderTable } from '#core/kv/extents/holder-table.ts';
import { PromptForest, type PromptPath } from '#core/tokens/prompt-forest.ts';
import { RequestStatus, RequestTable, Task } from '../../workload/request-table.ts';
import type { EngineWorker } from '../engine-worker.ts';
import { openEngine } from '../open-engine.ts';
import type { EngineState } from '../rank/engine-state.ts';
import type { WorkerRole } from '../rank/worker-role.ts';
import type { RowList } from '../row-list.ts';
import type { TimingModel } from '../timing/timing-model.ts';
import { WorkerSample } from '../worker-sample.ts';
import type { WorkerTally } from '../worker-tally.ts';
import { BlockChanges } from './block-changes.ts';
import type { EngineListener } from './engine-listener.ts';

/** What an engine is asked to do. */
export interface HostedRequest {
  readonly rank: number;
  readonly inputTokens: number;
  /** Output tokens that are wanted; fewer come where `max_model_len` cuts them off. */
  readonly outputTokens: number;
  /**
   * What the whole blocks of the prompt, and of the output as far as it is known beforehand, contain,
   * one id a block: equal ids mean equal blocks behind equal blocks.
   */
  readonly contents: Uint32Array;
  /** `Task`; an answer by default. */
  readonly task?: number;
  readonly priority?: number;
}

export interface HostedOptions {
  /** Its `engine` section says what the worker is, `stepping` what it says of that. */
  readonly config: ResolvedConfig;
  readonly seed: number;
  readonly role: WorkerRole;
  /**
   * Whether every pass is stepped, the default, or equal ones are leapt over: then the listener hears
   * of their tokens together, and whoever asks something in the midst of them changes their end.
   */
  readonly stepping?: 'exact' | 'leap';
  /** How long passes take, in place of what the config says. */
  readonly timing?: TimingModel;
  /** Whether the listener hears which blocks are stored and removed; default true. */
  readonly tellsBlocks?: boolean;
}

/**
 * One engine worker in somebody else's time: told of requests as they come, stepped pass by pass by
 * whoever has a clock. It decides as the workers of a run do, being the same; numbers of requests are
 * given again when they are over, so it may live as long as it likes.
 */
export class HostedEngine {
  readonly ranks: number;
  readonly blockSize: number;
  readonly blocks: number;
  /** Infinite without a limit. */
  readonly maxModelLen: number;
  readonly #state: EngineState;
  readonly #worker: EngineWorker;
  readonly #requests = new RequestTable();
  readonly #holders = new HolderTable();
  readonly #forest = new PromptForest(1);
  readonly #listener: EngineListener;
  readonly #changes: readonly BlockChanges[];
  readonly #tellsBlocks: boolean;
  readonly #rows = new RowAllocator();
  readonly #rankOf: number[] = [];
  /** Tokens of each request that the listener has been told of. */
  readonly #told: number[] = [];
  readonly #path: PromptPath = { leaf: -1, leafBlocks: 0 };
  readonly #progress = { tell: (row: number, tokens: number) => this.#tellTokens(row, tokens) };
  #nowNs: Ns = 0;

  constructor(options: HostedOptions, listener: EngineListener) {
    const { config, seed, role, stepping = 'exact', timing, tellsBlocks = true } = options;
    const { engine } = config;
    const stepped: ResolvedConfig = { ...config, engine: { ...engine, stepping } };
    const tables = { requests: this.#requests, holders: this.#holders, forest: this.#forest };
    const given = { config: stepped, seed, role, ...(timing && { timing }) };
    const opened = openEngine(given, tables, Number.POSITIVE_INFINITY);
    this.#state = opened.state;
    this.#worker = opened.openWorker(0);
    this.#listener = listener;
    this.#tellsBlocks = tellsBlocks;
    this.#forest.onFree = (node) => this.#forgetContents(node);
    this.ranks = engine.data_parallel_size;
    this.blockSize = engine.block_size;
    this.blocks = opened.state.settings.numGpuBlocks;
    this.maxModelLen = opened.state.settings.maxModelLen;
    this.#changes = Array.from(
      { length: this.ranks },
      (_, rank) => new BlockChanges(this.#forest, listener, rank),
    );
  }

  /** A pass is under way. */
  get busy(): boolean {
    return this.#worker.busy;
  }

  /** When the pass under way ends. */
  get passEndNs(): Ns {
    return this.#worker.passEndNs;
  }

  /** Nobody runs, waits, or holds blocks. */
  get isEmpty(): boolean {
    return this.#worker.isEmpty;
  }

  /** What each rank has done so far. */
  get tallies(): readonly WorkerTally[] {
    return this.#worker.tallies;
  }

  /** Requests and blocks of a rank at this moment. */
  sample(rank: number, atNs: Ns): WorkerSample {
    const sample = new WorkerSample();
    this.#worker.sample(rank, atNs, sample);
    return sample;
  }

  /** Prompt tokens that a request found cached when it first came in. */
  cachedTokens(request: number): number {
    return this.#requests.firstReusedTokens[request]!;
  }

  /** When it first came in; before 0 where it has not. */
  admittedNs(request: number): Ns {
    return this.#requests.firstAdmitNs[request]!;
  }

  /** When its first token came out; before 0 where none has. */
  firstTokenNs(request: number): Ns {
    return this.#requests.firstTokenNs[request]!;
  }

  /** Tokens of a request whose KV entries exist, exact while it waits or its prompt is computed. */
  computedTokens(request: number): number {
    return this.#state.sequences.computed[request]!;
  }

  /** Leading whole blocks of a request that its rank has cached at this moment. */
  cachedBlocks(request: number): number {
    if (!this.#state.settings.prefixCaching) return 0;
    const pool = this.#worker.pool(this.#rankOf[request]!);
    return pool.match(request, this.#holders.pathBlocks[request]!);
  }

  /** Gives a request a number, by which it is called until it is over; nothing else happens yet. */
  open(request: HostedRequest): number {
    const { inputTokens, outputTokens, contents } = request;
    assert(request.rank < this.ranks, 'no such rank');
    const requests = this.#requests;
    const row = this.#rows.take();
    if (row < requests.count) requests.reopen(row, inputTokens, outputTokens);
    else requests.append(0, inputTokens, outputTokens);
    requests.priority[row] = request.priority ?? 0;
    requests.task[row] = request.task ?? Task.generate;
    this.#rankOf[row] = request.rank;
    this.#told[row] = 0;
    const path = this.#path;
    this.#forest.intern(contents, 0, contents.length, path);
    this.#holders.open(row, path.leaf, path.leafBlocks, contents.length);
    return row;
  }

  /** Takes an open request in: it is in the next pass that begins, at the earliest. */
  submit(request: number, nowNs: Ns): void {
    this.#requests.arrivalNs[request] = nowNs;
    this.#requests.status[request] = RequestStatus.queued;
    this.#worker.enqueue(this.#rankOf[request]!, request, nowNs, false);
  }

  /**
   * The client of a request has gone, which is told once and not after `release`: the engine drops it,
   * now or as the pass under way ends.
   */
  cancel(request: number, nowNs: Ns): void {
    this.#requests.terminalNs[request] = nowNs;
    this.#requests.status[request] = RequestStatus.cancelled;
    this.#worker.cancel(this.#rankOf[request]!, request, nowNs, false);
  }

  /** A decode worker is asked for the blocks of an open request, whose prompt is computed elsewhere. */
  reserve(request: number, nowNs: Ns): void {
    this.#requests.arrivalNs[request] = nowNs;
    this.#worker.reserve(this.#rankOf[request]!, request, nowNs, false);
  }

  /** The blocks that a request reserved are filled: it decodes from the next pass on. */
  activate(request: number, nowNs: Ns): void {
    this.#worker.activate(this.#rankOf[request]!, request, nowNs, false);
  }

  /** A prompt that a prefill worker holds has been copied. */
  release(request: number, nowNs: Ns): void {
    this.#worker.release(this.#rankOf[request]!, request, nowNs, false);
  }

  /**
   * Begins the next pass; false when there is nothing to do. What was asked since the last one and
   * came true at once is told before.
   */
  startPass(nowNs: Ns): boolean {
    this.#nowNs = nowNs;
    if (this.#hasNews()) this.#drain();
    return this.#worker.startPass(nowNs);
  }

  /** The pass under way ends, at `passEndNs`, and the listener hears what came of it. */
  completePass(): void {
    this.#nowNs = this.#worker.passEndNs;
    this.#worker.completePass();
    this.#drain();
    this.#state.headWaits.count = 0;
  }

  /**
   * Forgets every cached block; false, and nothing changes, while any is in use. The listener is told
   * of no removal: who asks for this says in one word that everything has gone.
   */
  clearCache(): boolean {
    for (let rank = 0; rank < this.ranks; rank++) {
      if (this.#worker.pool(rank).active > 0) return false;
    }
    for (let rank = 0; rank < this.ranks; rank++) {
      const pool = this.#worker.pool(rank);
      pool.evictAll();
      this.#changes[rank]!.forget(pool.events);
    }
    return true;
  }

  #hasNews(): boolean {
    const { ended, dropped, released, reserved, activated } = this.#worker;
    return ended.count + dropped.count + released.count + reserved.count + activated.count > 0;
  }

  #drain(): void {
    const worker = this.#worker;
    const listener = this.#listener;
    const nowNs = this.#nowNs;
    for (let rank = 0; rank < this.ranks; rank++) {
      const { events } = worker.pool(rank);
      if (this.#tellsBlocks) this.#changes[rank]!.drain(events);
      else this.#changes[rank]!.forget(events);
    }
    listener.blocksTold();
    const { outputTokens, status } = this.#requests;
    each(worker.ended, (row) => {
      if (status[row] !== RequestStatus.rejected) this.#tellTokens(row, outputTokens[row]!, true);
    });
    worker.tellProgress(nowNs, this.#progress);
    worker.firstTokens.clear();
    worker.activated.clear();
    empty(worker.held, (row) => listener.held(row, nowNs));
    empty(worker.reserved, (row) => listener.reserved(row, worker.missingTokens(row), nowNs));
    empty(worker.ended, (row) => {
      if (status[row] === RequestStatus.rejected) listener.rejected(row, nowNs);
      else listener.completed(row, nowNs);
      this.#close(row);
    });
    empty(worker.dropped, (row) => {
      listener.dropped(row, nowNs);
      this.#close(row);
    });
    empty(worker.released, (row) => {
      listener.released(row, nowNs);
      this.#close(row);
    });
  }

  /** The first token at once, then groups of as many as are streamed together, and the rest at the end. */
  #tellTokens(row: number, tokens: number, isLast = false): void {
    const told = this.#told[row]!;
    const fresh = tokens - told;
    if (fresh <= 0) return;
    if (told > 0 && !isLast && fresh < this.#state.settings.streamInterval) return;
    this.#told[row] = tokens;
    this.#listener.tokens(row, fresh, this.#nowNs);
  }

  /** Nobody knows a request any more: its prompt is let go, its number may be given again. */
  #close(row: number): void {
    const leaf = this.#holders.leaf[row]!;
    if (leaf >= 0) this.#forest.release(leaf);
    this.#rows.give(row);
  }

  #forgetContents(node: number): void {
    const forest = this.#forest;
    if (forest.isPrivate(node)) return;
    const from = forest.contentAt(node);
    for (let unit = 0; unit < forest.contentUnits(node); unit++) {
      this.#listener.forgotten(forest.contentIds[from + unit]!);
    }
  }
}

function each({ rows, count }: RowList, visit: (row: number) => void): void {
  for (let index = 0; index < count; index++) visit(rows[index]!);
}

/** Visits all rows of a list that may be filled again meanwhile. */
function empty(list: RowList, visit: (row: number) => void): void {
  const rows = list.rows.slice(0, list.count);
  list.clear();
  for (const row of rows) visit(row);
}
