import type { PromptPath } from '../prompt-path.ts';
import { HeldRanges } from './held-ranges.ts';

/** Where blocks are held outside device memory, as codes of the router's facts. */
export const TierCode = { host: 0, disk: 1, external: 2, shared: 3 } as const;

/** The one owner of the shared cache. */
const EVERYBODY = 0;

/** What a target would find of a prompt outside its device memory, in blocks; reused. */
export interface TierHits {
  /** Blocks in its host memory that go on where the device's end. */
  host: number;
  /** Blocks on its disk and in external storage that go on from there. */
  disk: number;
  /** Blocks behind the device's that the shared cache holds, in a row or not. */
  shared: number;
}

/**
 * What is held below device memory: each target's host, disk and external tier, and the shared cache
 * of all. A target's tiers are walked in that order, each from where the one before has ended; a
 * target without a block on its device starts at the root.
 */
export class TierIndex {
  readonly #tiers = [new HeldRanges(), new HeldRanges(), new HeldRanges(), new HeldRanges()];

  /** True while no tier holds anything: then nobody need ask. */
  get isEmpty(): boolean {
    return this.#tiers.every((tier) => tier.isEmpty);
  }

  /** A tier of the target holds the node's blocks [from, to) too; the shared cache has no target. */
  stored(tier: number, target: number, node: number, from: number, to: number): void {
    this.#tiers[tier]!.stored(ownerOf(tier, target), node, from, to);
  }

  removed(tier: number, target: number, node: number, from: number, to: number): void {
    this.#tiers[tier]!.removed(ownerOf(tier, target), node, from, to);
  }

  cleared(tier: number, target: number): void {
    this.#tiers[tier]!.cleared(ownerOf(tier, target));
  }

  /** The target has left with its own tiers; the shared cache stays. */
  removeTarget(target: number): void {
    for (const tier of [TierCode.host, TierCode.disk, TierCode.external]) {
      if (!this.#tiers[tier]!.isEmpty) this.#tiers[tier]!.cleared(target);
    }
  }

  freeNode(node: number): void {
    for (const tier of this.#tiers) tier.freeNode(node);
  }

  /** Fills `hits` with what the target finds of the path beyond `deviceBlocks` leading blocks. */
  match(path: PromptPath, target: number, deviceBlocks: number, hits: TierHits): void {
    const [host, disk, external] = this.#tiers;
    const hostEnd = walk(host!, path, target, deviceBlocks);
    const diskEnd = walk(disk!, path, target, hostEnd);
    const externalEnd = walk(external!, path, target, diskEnd);
    hits.host = hostEnd - deviceBlocks;
    hits.disk = externalEnd - hostEnd;
    hits.shared = this.#sharedBeyond(path, deviceBlocks);
  }

  #sharedBeyond(path: PromptPath, position: number): number {
    const shared = this.#tiers[TierCode.shared]!;
    if (shared.isEmpty) return 0;
    let start = 0;
    let count = 0;
    for (let level = 0; level < path.depth; level++) {
      const need = path.needs[level]!;
      const from = Math.max(0, position - start);
      if (from < need) count += shared.countIn(EVERYBODY, path.nodes[level]!, from, need);
      start += need;
    }
    return count;
  }
}

function ownerOf(tier: number, target: number): number {
  return tier === TierCode.shared ? EVERYBODY : target;
}

/** Where the tier's blocks end that go on without a gap from a position of the path. */
function walk(tier: HeldRanges, path: PromptPath, target: number, position: number): number {
  if (tier.isEmpty) return position;
  let start = 0;
  let end = position;
  for (let level = 0; level < path.depth; level++) {
    const need = path.needs[level]!;
    if (end < start + need) {
      const reached = start + tier.endOfRun(target, path.nodes[level]!, end - start, need);
      if (reached < start + need) return reached;
      end = reached;
    }
    start += need;
  }
  return end;
}
