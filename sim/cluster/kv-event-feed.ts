import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import { ExtentEvent, type ExtentEventLog } from '#core/kv/extents/event-log.ts';
import type { RouterFacts } from '#core/router/facts.ts';
import type { PromptForest } from '#core/tokens/prompt-forest.ts';
import { type EventFaults, Fate } from './event-faults.ts';

/**
 * Carries KV events from the workers to the router, `lagNs` later. Nothing but a decision of the
 * router reads the index, so events under way are handed over when the next decision is due.
 *
 *     #dueNs[i], #target[i], #kind[i], #node[i], #blocks[i]   ring of events under way, oldest at #head
 *     #from[i], #fate[i]   where events get lost: see `EventFaults`
 */
export class KvEventFeed {
  readonly #router: RouterFacts | undefined;
  readonly #forest: PromptForest;
  readonly #lagNs: Ns;
  readonly #faults: EventFaults | undefined;
  /** Events get there at once, and all of them. */
  readonly #isDirect: boolean;
  #head = 0;
  #end = 0;
  #dueNs = new Float64Array(64);
  #target = new Int32Array(64);
  #kind = new Uint8Array(64);
  #node = new Int32Array(64);
  #blocks = new Int32Array(64);
  #from = new Int32Array(64);
  #fate = new Uint8Array(64);

  /** Without a router nobody listens, and events are only let go. With `faults` some get lost. */
  constructor(
    router: RouterFacts | undefined,
    forest: PromptForest,
    lagNs: Ns,
    faults?: EventFaults,
  ) {
    this.#router = router;
    this.#forest = forest;
    this.#lagNs = lagNs;
    this.#faults = faults;
    this.#isDirect = lagNs === 0 && faults === undefined;
  }

  /** Takes what a worker's pass has changed, and empties its log. */
  publish(target: number, events: ExtentEventLog, nowNs: Ns): void {
    if (events.count === 0) return;
    if (this.#isDirect) this.#tellAll(target, events);
    else this.#send(target, events, nowNs);
    events.clear();
  }

  #tellAll(target: number, { kind, node, blocks, count }: ExtentEventLog): void {
    for (let entry = 0; entry < count; entry++) {
      this.#tell(target, kind[entry]!, node[entry]!, blocks[entry]!);
    }
  }

  #send(target: number, events: ExtentEventLog, nowNs: Ns): void {
    for (let entry = 0; entry < events.count; entry++) {
      const kind = events.kind[entry]!;
      const node = events.node[entry]!;
      const blocks = events.blocks[entry]!;
      const from = this.#faults?.note(target, kind, node, blocks) ?? 0;
      const fate = this.#faults?.draw(target) ?? Fate.once;
      if (this.#lagNs === 0) this.#deliver(target, kind, node, blocks, from, fate);
      else this.#delay(nowNs + this.#lagNs, target, kind, node, blocks, from, fate);
    }
  }

  /** Hands over all events that are due. */
  deliverDue(nowNs: Ns): void {
    while (this.#head < this.#end && this.#dueNs[this.#head]! <= nowNs) {
      this.#deliverOldest();
    }
  }

  #deliverOldest(): void {
    const at = this.#head++;
    this.#deliver(
      this.#target[at]!,
      this.#kind[at]!,
      this.#node[at]!,
      this.#blocks[at]!,
      this.#from[at]!,
      this.#fate[at]!,
    );
  }

  #deliver(
    target: number,
    kind: number,
    node: number,
    blocks: number,
    from: number,
    fate: number,
  ): void {
    if (this.#faults !== undefined) {
      this.#faults.deliver(target, kind, node, blocks, from, fate);
      return;
    }
    this.#tell(target, kind, node, blocks);
  }

  #tell(target: number, kind: number, node: number, blocks: number): void {
    if (kind === ExtentEvent.stored) {
      this.#router?.stored(target, node, blocks);
      return;
    }
    this.#router?.removed(target, node, blocks);
    if (blocks === 0) this.#forest.release(node);
  }

  #delay(
    dueNs: Ns,
    target: number,
    kind: number,
    node: number,
    blocks: number,
    from: number,
    fate: number,
  ): void {
    if (this.#end >= this.#dueNs.length) this.#makeRoom();
    const at = this.#end++;
    this.#dueNs[at] = dueNs;
    this.#target[at] = target;
    this.#kind[at] = kind;
    this.#node[at] = node;
    this.#blocks[at] = blocks;
    this.#from[at] = from;
    this.#fate[at] = fate;
  }

  /** Moves the events under way to the front, and doubles the columns when that frees too little. */
  #makeRoom(): void {
    const count = this.#end - this.#head;
    const rows = this.#dueNs.length;
    const events = [this.#target, this.#kind, this.#node, this.#blocks, this.#from, this.#fate];
    for (const column of [this.#dueNs, ...events]) {
      column.copyWithin(0, this.#head, this.#end);
    }
    this.#head = 0;
    this.#end = count;
    if (count * 2 < rows) return;
    this.#dueNs = growColumn(this.#dueNs, rows + 1);
    this.#target = growColumn(this.#target, rows + 1);
    this.#kind = growColumn(this.#kind, rows + 1);
    this.#node = growColumn(this.#node, rows + 1);
    this.#blocks = growColumn(this.#blocks, rows + 1);
    this.#from = growColumn(this.#from, rows + 1);
    this.#fate = growColumn(this.#fate, rows + 1);
  }
}
