import { OUTCOMES } from '#core/router/decisions.ts';
import type { RouteQuery } from '#core/router/query.ts';
import type { Decision } from './router-pool.ts';

/** What has been decided since the router began. */
export class RouteCounts {
  /** Legs that an engine was found for. */
  routedLegs = 0;
  /** Those of them that waited in a queue first. */
  queuedLegs = 0;
  /** Requests whose client left before they were decided. */
  leftRequests = 0;
  /** Full blocks of the prompts of those legs, and how many of them were cached where they went. */
  promptBlocks = 0;
  overlapBlocks = 0;
  readonly #refused: number[] = OUTCOMES.map(() => 0);

  routed({ totalBlocks, tailBlocks }: Readonly<RouteQuery>, decision: Decision): void {
    this.routedLegs++;
    if (decision.queued) this.queuedLegs++;
    this.promptBlocks += totalBlocks + tailBlocks;
    this.overlapBlocks += decision.overlapBlocks;
  }

  refused(outcome: number): void {
    this.#refused[outcome]!++;
  }

  left(): void {
    this.leftRequests++;
  }

  /** Requests that were turned away, by the name of the outcome; those that never came left out. */
  get refusals(): Readonly<Record<string, number>> {
    const counted = OUTCOMES.map(({ name }, code): [string, number] => [
      name,
      this.#refused[code]!,
    ]);
    return Object.fromEntries(counted.filter(([, count]) => count > 0));
  }
}
