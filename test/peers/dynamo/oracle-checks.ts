import { isDeepStrictEqual } from 'node:util';
import type { OracleEngine } from './oracle-engine.ts';
import { BLOCK_SIZE, type OraclePrompt } from './oracle-prompts.ts';
import { cheapest, type OurChoice, type OurSide } from './our-side.ts';
import type { TheirSelection, TheirSide } from './their-side.ts';

/** What was compared in a run. */
export interface OracleCounts {
  /** Look-ups of a prompt on a worker, and how many of them Dynamo's selector and indexer had wrong. */
  lookUps: number;
  readonly wrong: { selector: number; indexer: number };
  /** Choices, and those of them where several workers cost the same. */
  choices: number;
  ties: number;
}

/** The two sides did not say the same. */
export class OracleDifference extends Error {
  override readonly name = 'OracleDifference';

  constructor(what: string, theirs: unknown, ours: unknown) {
    super(`${what}: ${JSON.stringify(theirs)}, and Windtunnel says ${JSON.stringify(ours)}`);
  }
}

/** Who is compared, and what they are compared with. */
export interface OracleSides {
  readonly engines: readonly OracleEngine[];
  readonly ours: OurSide;
  readonly theirs: TheirSide;
}

/** Compares what the two sides say, and counts. Throws an `OracleDifference`. */
export class OracleChecks {
  readonly counts: OracleCounts = {
    ...{ lookUps: 0, choices: 0, ties: 0 },
    wrong: { selector: 0, indexer: 0 },
  };
  readonly #sides: OracleSides;

  constructor(sides: OracleSides) {
    this.#sides = sides;
  }

  /** What three indexes know of a prompt, beside what engines hold; `ownNames`: Dynamo may be wrong. */
  async indexes(prompt: OraclePrompt, ownNames: boolean): Promise<void> {
    const { engines, ours: our, theirs: their } = this.#sides;
    const held = engines.map((engine) => engine.holds(prompt));
    const device = held.map((one) => one.device);
    const ours = await our.overlaps(prompt.tokens);
    same('blocks that the engines hold', device, ours);
    const scores = await their.overlaps(prompt.tokens);
    const selector = scores.map((one) => one.device_blocks);
    const indexer = await their.indexed(prompt.tokens, engines.length);
    const { counts } = this;
    counts.lookUps += engines.length;
    if (ownNames) {
      counts.wrong.selector += countDifferent(selector, device);
      counts.wrong.indexer += countDifferent(indexer, device);
      return;
    }
    same('/overlap_scores of Dynamo', selector, ours);
    same('/query of Dynamo', indexer, ours);
    const host = scores.map((one) => one.host_pinned_blocks);
    const both = held.map((one) => one.device + one.host);
    same('/overlap_scores with host memory', host, both);
  }

  /** A worker that Dynamo chose must be one of ours of the least cost; of those each side draws one. */
  choice(tokens: readonly number[], theirs: TheirSelection, { candidates }: OurChoice): void {
    const equals = cheapest(candidates);
    this.counts.choices++;
    if (equals.length > 1) this.counts.ties++;
    if (!equals.includes(theirs.worker_id)) {
      throw new OracleDifference('the worker that Dynamo chose', theirs.worker_id, equals);
    }
    const chosen = candidates[theirs.worker_id - 1]!;
    const asked = Math.ceil(tokens.length / BLOCK_SIZE);
    const blocks = chosen.activeBlocks + asked - chosen.sharedBlocks;
    same('potential_decode_blocks', theirs.potential_decode_blocks, blocks);
  }

  /** `comparesSlotBlocks`: the slot tracker has been told of all blocks. */
  async loads(comparesSlotBlocks: boolean): Promise<void> {
    const ours = this.#sides.ours.loads;
    const theirs = await this.#sides.theirs.loads();
    const slots = await this.#sides.theirs.slots();
    const prefill = ours.map((one) => one.prefill_tokens);
    const blocks = ours.map((one) => one.active_blocks);
    const requests = ours.map((one) => one.active_requests);
    const of = (key: keyof (typeof theirs)[number]): readonly number[] =>
      theirs.map((one) => one[key]);
    same('prompt tokens of /loads', of('potential_prefill_tokens'), prefill);
    same('blocks of /loads', of('potential_decode_blocks'), blocks);
    same('requests of /loads', of('active_requests'), requests);
    const slotTokens = slots.map((one) => one.active_prefill_tokens);
    same("prompt tokens of the slot tracker's /loads", slotTokens, prefill);
    if (!comparesSlotBlocks) return;
    const slotBlocks = slots.map((one) => one.active_decode_blocks);
    same("blocks of the slot tracker's /loads", slotBlocks, blocks);
  }
}

/** Throws where they are not the same. */
export function same(what: string, theirs: unknown, ours: unknown): void {
  if (!isDeepStrictEqual(theirs, ours)) throw new OracleDifference(what, theirs, ours);
}

function countDifferent(some: readonly number[], others: readonly number[]): number {
  return some.filter((one, at) => one !== others[at]).length;
}
