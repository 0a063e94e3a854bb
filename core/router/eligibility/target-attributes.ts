import { growColumn } from '#core/base/columns.ts';
import { topologyTaint } from './topology.ts';

/** What a target computes on. */
export type DeviceKind = 'accelerator' | 'cpu';

/** What is known of a target besides its load. */
export interface TargetAttributes {
  /** The worker that the target is a rank of; the target's own id when absent. */
  readonly worker?: number;
  /** The rank within the worker, 0 when absent. */
  readonly rank?: number;
  readonly taints?: readonly string[];
  /** Where the target stands, by topology domain: `{ zone: 'a', rack: 'a7' }`. */
  readonly topology?: Readonly<Record<string, string>>;
  /** LoRA adapters that it holds. */
  readonly loraAdapters?: readonly string[];
  /** accelerator when absent. */
  readonly device?: DeviceKind;
}

const NONE: ReadonlySet<string> = new Set();

/**
 * The attributes of targets, from when they are told; a target keeps them while it is away.
 *
 *     worker[target], rank[target]
 *     onCpu[target]                 1 = computes on a CPU
 *     #taints[target]               its taints, topology domains among them
 *     #adapters[target]             its LoRA adapters
 */
export class AttributeTable {
  worker = new Int32Array(16);
  rank = new Int32Array(16);
  onCpu = new Uint8Array(16);
  readonly #taints: ReadonlySet<string>[] = [];
  readonly #adapters: ReadonlySet<string>[] = [];

  has(target: number): boolean {
    return this.#taints[target] !== undefined;
  }

  /** Enters a target; what is absent has its neutral value. */
  set(target: number, attributes: TargetAttributes): void {
    const { worker = target, rank = 0, taints = [], topology = {}, loraAdapters = [] } = attributes;
    this.worker = growColumn(this.worker, target + 1);
    this.rank = growColumn(this.rank, target + 1);
    this.onCpu = growColumn(this.onCpu, target + 1);
    this.worker[target] = worker;
    this.rank[target] = rank;
    this.onCpu[target] = attributes.device === 'cpu' ? 1 : 0;
    const domains = Object.entries(topology)
      .sort()
      .map(([domain, value]) => topologyTaint(domain, value));
    this.#taints[target] = setOf([...taints, ...domains]);
    this.#adapters[target] = setOf(loraAdapters);
  }

  hasTaint(target: number, taint: string): boolean {
    return this.#taints[target]!.has(taint);
  }

  hasAdapter(target: number, adapter: string): boolean {
    return this.#adapters[target]!.has(adapter);
  }
}

function setOf(names: readonly string[]): ReadonlySet<string> {
  return names.length === 0 ? NONE : new Set(names);
}
