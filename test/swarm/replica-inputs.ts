import type { RandomStream } from '#core/base/random.ts';
import { NS_PER_HOUR, NS_PER_S } from '#core/base/time.ts';
import { sequenceHashes } from '#core/tokens/block-hash.ts';
import { PeerHearing } from '#live/replicas/peer-hearing.ts';
import { encodeReplicaBatch, type ReplicaEvent } from '#live/replicas/replica-event.ts';
import { WorkerIds } from '#live/replicas/worker-ids.ts';
import { openTestRouter } from '#test/support/live-router.ts';
import { drawDamaged } from './damage.ts';
import { GONE_EVERY } from './kv-event-inputs.ts';

const DAMAGES_MOST = 3;
const CONFIG = 'engines: [{name: a, url: "http://h:1", kv_events: "tcp://h:9"}]';

/** What routers tell each other when they are well; inputs are these, damaged. */
function samplesFor(workers: WorkerIds): readonly Buffer[] {
  const hashes = [...sequenceHashes([1n, 2n, 3n, 4n])];
  const event = (id: string, data: ReplicaEvent['data']): ReplicaEvent => ({
    ...{ id, worker: workers.of({ name: 'a' }), rank: 0, router: 9n, loraName: undefined, data },
  });
  const added = (blocks: readonly bigint[]) => ({
    ...{ hashes: blocks, tracksPrefill: true, prefillTokens: 640 },
    ...{ expectedOutputTokens: 7, expectedPrefillNs: 1_500_000_000 },
  });
  return [
    [event('r', added(hashes)), event('s', added([hashes[0]!, 77n]))],
    [event('r', 'prefilled'), event('t', added([]))],
    [event('s', 'freed'), event('r', 'freed'), event('u', added([hashes[1]!, hashes[0]!]))],
  ].map((events) => Buffer.from(encodeReplicaBatch(events)));
}

/** A router that hears others. */
function openHearer() {
  const { router, clock } = openTestRouter(CONFIG);
  const workers = new WorkerIds(router.roster);
  const expiryNs = 5 * NS_PER_S;
  const parts = { router, workers, ownId: 1n, expiryNs, clock, timers: clock };
  return { router, clock, hearing: new PeerHearing(parts), samples: samplesFor(workers) };
}

/** Damaged messages of other routers, for a router that hears them and loses nothing over it. */
export class ReplicaInputs {
  #hearer = openHearer();
  #heard = 0;

  /** Feeds one more; what went wrong, or undefined. May throw what the router should not have thrown. */
  problemOf(stream: RandomStream): string | undefined {
    const { hearing, samples } = this.#hearer;
    const payload = drawDamaged(samples, DAMAGES_MOST, stream);
    try {
      hearing.hear({ publisher: 7, sequence: this.#heard, payload });
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== 'kv_event_invalid') throw error;
    }
    return ++this.#heard % GONE_EVERY === 0 ? this.#drain() : undefined;
  }

  #drain(): string | undefined {
    const { router, clock, hearing } = this.#hearer;
    this.#hearer = openHearer();
    clock.advance(NS_PER_HOUR);
    const { activeRequests, activeBlocks } = router.pools[0]!.router.sequences;
    const { active, known } = hearing.requests;
    const left = [active, known, router.blocks.forest.nodes, activeRequests[0]!, activeBlocks[0]!];
    if (left.every((count) => count === 0)) return undefined;
    return `of requests of other routers there is left: ${left.join(', ')}`;
  }
}
