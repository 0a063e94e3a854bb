import type { Ns } from '#core/base/time.ts';
import type { EngineBackend, EngineRole } from '#core/config/serve/engine-list.ts';

/** A prompt as the router knows it. */
export interface PromptBlocks {
  /** Prompt tokens, ≥ 1. */
  readonly inputTokens: number;
  /**
   * Sequence hashes of the full blocks from the beginning on (`core/tokens/block-hash`), salt and
   * LoRA adapter in their seed; empty where the content is unknown.
   */
  readonly hashes: ArrayLike<bigint>;
}

/** The worker that a request names: an engine by its name, or by its number in the list of engines. */
export interface WorkerPin {
  readonly worker: string | number | bigint;
  /** Its data-parallel rank; may be left out where it has only one. */
  readonly rank?: number;
}

/** One request that asks for an engine. */
export interface RouteAsk {
  readonly prompt: PromptBlocks;
  /** Output tokens that are expected, 0 = unknown. */
  readonly outputTokens: number;
  /** Most output tokens that the request asked for, for the journal; unknown when absent. */
  readonly maxOutputTokens?: number;
  /** Head start in a queue, in seconds. */
  readonly priority: number;
  readonly strictPriority: number;
  readonly policyClass?: string;
  readonly session?: string;
  readonly tenant?: string;
  /** Counts in the pool that the engine belongs to. */
  readonly pin?: WorkerPin;
  /** The same for a second pool, where prefill and decode engines are both named. */
  readonly prefillPin?: WorkerPin;
  /** Engines that alone may be chosen, and engines that may not, by name or number. */
  readonly allowedWorkers?: readonly WorkerPin['worker'][];
  readonly excludedWorkers?: readonly WorkerPin['worker'][];
  readonly loraName?: string;
  readonly requiredTaints?: readonly string[];
  readonly preferredTaints?: Readonly<Record<string, number>>;
  readonly overrides?: AskedOverrides;
  readonly task: 'generate' | 'embed';
}

/** Settings of the KV mode that a request changes for itself (`nvext`). */
export interface AskedOverrides {
  readonly overlapScoreCredit?: number;
  readonly prefillLoadScale?: number;
  readonly temperature?: number;
}

/** An engine that requests can be sent to. */
export interface EngineEndpoint {
  readonly name: string;
  readonly backend: EngineBackend;
  readonly url: string;
  /** Its number, which pins may name. */
  readonly worker: number;
  /** Target of its rank 0; the others follow in a row. */
  readonly target: number;
  readonly role: EngineRole;
  /** Its data-parallel ranks. */
  readonly dpSize: number;
  /** Its id for other routers, see `JoiningEngine`. */
  readonly workerId?: string;
}

/**
 * Where a request goes, and what is told of it from then on. What comes after `ended` changes
 * nothing, and neither do repetitions.
 */
export interface Placement {
  readonly engine: EngineEndpoint;
  readonly rank: number;
  /** Leading blocks of the prompt that were cached there, as far as the router knew. */
  readonly overlapBlocks: number;
  /** How long it waited in the router's queue. */
  readonly queuedNs: Ns;
  /**
   * whole: the engine computes prompt and answer; prefill: only the prompt, and `handOver` asks for
   * the engine that answers; decode: only the answer.
   */
  readonly leg: 'whole' | 'prefill' | 'decode';
  /** The first token is out: the prompt has been computed. */
  firstToken(): void;
  /** So many tokens have been generated in all. */
  progress(generatedTokens: number): void;
  /**
   * The request has ended here, however that came about; its load is gone. `isWhole`: the engine has
   * given all of its answer.
   */
  ended(isWhole?: boolean): void;
  /** The engine that takes the KV cache over from a prefill leg; may be asked before that has ended. */
  handOver(signal: AbortSignal): Promise<Placement>;
  /** After a prefill leg that failed: an engine of the decode pool that computes the prompt too. */
  fallBack(signal: AbortSignal): Promise<Placement>;
}

/** Who finds an engine for a request. */
export interface Dispatcher {
  /**
   * Resolves with the decision, at once or when the request leaves the queue. Rejects with a
   * `RouteRefused`, or with the signal's reason when that aborts; nothing is booked then.
   */
  route(ask: RouteAsk, signal: AbortSignal): Promise<Placement>;
}

/** No engine for a request: what `core/router/decisions.ts` calls the outcome, and the status to answer with. */
export class RouteRefused extends Error {
  override readonly name = 'RouteRefused';
  readonly outcome: string;
  readonly httpStatus: number;

  constructor(outcome: string, httpStatus: number, message: string) {
    super(message);
    this.outcome = outcome;
    this.httpStatus = httpStatus;
  }
}
