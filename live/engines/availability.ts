import type { EngineEndpoint } from '#live/routing/route-ask.ts';

/** Why an engine is left alone: it does not answer when asked how it is, or it kept failing requests. */
export type BlockReason = 'unhealthy' | 'failing';

/** An engine cannot be sent to, for the reason that came first, or can again, now that the last is gone. */
export type AvailabilityChange = (
  engine: EngineEndpoint,
  available: boolean,
  reason: BlockReason,
) => void;

/**
 * Which engines can be sent to. Several may find that one cannot, each for its own reason; it can
 * again when none of them does. Whoever listens is told of changes only.
 */
export class Availability {
  readonly #reasons = new Map<string, Set<BlockReason>>();
  readonly #changed: AvailabilityChange;
  readonly #suspecting = new Set<(engine: string) => void>();
  readonly #watching = new Set<() => void>();

  constructor(changed: AvailabilityChange) {
    this.#changed = changed;
  }

  /** Leaves the engine alone for this reason. */
  block(engine: EngineEndpoint, reason: BlockReason): void {
    const reasons = this.#reasons.get(engine.name) ?? new Set();
    this.#reasons.set(engine.name, reasons);
    if (reasons.has(reason)) return;
    reasons.add(reason);
    if (reasons.size === 1) this.#changed(engine, false, reason);
    this.#tell();
  }

  /** This reason is gone. */
  unblock(engine: EngineEndpoint, reason: BlockReason): void {
    const reasons = this.#reasons.get(engine.name);
    if (reasons === undefined || !reasons.delete(reason)) return;
    if (reasons.size === 0) this.#changed(engine, true, reason);
    this.#tell();
  }

  /** A connection to the engine failed: whoever asks it how it is should do so now. */
  suspect(engine: string): void {
    if (this.#reasons.get(engine)?.has('unhealthy')) return;
    for (const ask of this.#suspecting) ask(engine);
  }

  /** Calls `ask` with the name of whatever engine is suspected, until the result is called. */
  onSuspicion(ask: (engine: string) => void): () => void {
    this.#suspecting.add(ask);
    return () => this.#suspecting.delete(ask);
  }

  /** Calls `look` whenever a reason comes or goes, until the result is called. */
  watch(look: () => void): () => void {
    this.#watching.add(look);
    return () => this.#watching.delete(look);
  }

  /** The engine is gone: what was found out about it counts no more. */
  forget(engine: string): void {
    this.#reasons.delete(engine);
  }

  /** Why the engine is left alone, in alphabetical order; empty where it is not. */
  reasons(engine: string): readonly BlockReason[] {
    return [...(this.#reasons.get(engine) ?? [])].sort();
  }

  #tell(): void {
    for (const look of this.#watching) look();
  }
}
