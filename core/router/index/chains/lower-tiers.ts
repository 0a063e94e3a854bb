import { type ChainEnd, ChainTier } from './chain-tier.ts';

/** Blocks that a target would find in each tier, one after the other. */
export interface ChainHits {
  host: number;
  disk: number;
  external: number;
}

/** The tiers of all targets, walked host, disk, external, each from where the one before has ended. */
export class LowerTiers {
  readonly host = new ChainTier();
  readonly disk = new ChainTier();
  readonly external = new ChainTier();
  readonly #end: ChainEnd = { position: 0, last: 0 };

  /**
   * Fills `hits` for the target. `device` is how far its device memory reaches on the prompt, with
   * the external hash of the last block there: CHAIN_ROOT where it holds none.
   */
  match(
    target: number,
    locals: ArrayLike<number>,
    count: number,
    device: Readonly<ChainEnd>,
    hits: ChainHits,
  ): void {
    const end = this.#end;
    end.position = device.position;
    end.last = device.last;
    this.host.walk(target, locals, count, end);
    hits.host = end.position - device.position;
    const hostEnd = end.position;
    this.disk.walk(target, locals, count, end);
    hits.disk = end.position - hostEnd;
    const diskEnd = end.position;
    this.external.walk(target, locals, count, end);
    hits.external = end.position - diskEnd;
  }

  /** The target is gone, with all of its tiers. */
  removeTarget(target: number): void {
    this.host.clear(target);
    this.disk.clear(target);
    this.external.clear(target);
  }
}
