import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { openStream, type RandomStream } from '#core/base/random.ts';
import type { Placement } from '#live/routing/route-ask.ts';
import { until } from '#test/support/until.ts';
import { type EngineStep, OracleEngine } from './oracle-engine.ts';
import { BLOCK_SIZE, drawPrompt, type OraclePrompt } from './oracle-prompts.ts';
import { cheapest, OurSide } from './our-side.ts';
import { signedHashes, TheirSide } from './their-side.ts';

const WORKERS = 4;
const GREETING_MS = 100;
/** Requests that are under way at most; after that one has to end. */
const MOST_UNDER_WAY = 12;

export interface OracleOptions {
  readonly python: string;
  readonly seed: number;
  readonly steps: number;
  /** Engines call the same block by names of their own, as those of different releases do. */
  readonly ownNames: boolean;
}

export interface OracleOutcome {
  readonly steps: number;
  /** Look-ups of a prompt on a worker, and how many of them Dynamo's selector and indexer had wrong. */
  readonly lookUps: number;
  readonly wrong: { selector: number; indexer: number };
  /** Choices, and those of them where several workers cost the same. */
  readonly choices: number;
  readonly ties: number;
}

/** A step after which the two sides did not say the same. */
export class OracleDifference extends Error {
  override readonly name = 'OracleDifference';
  readonly step: number;

  constructor(step: number, what: string, theirs: unknown, ours: unknown) {
    super(`${what}: Dynamo says ${JSON.stringify(theirs)}, Windtunnel ${JSON.stringify(ours)}`);
    this.step = step;
  }
}

/** A request that both sides count as load. */
interface UnderWay {
  readonly id: string;
  readonly placement: Placement;
  readonly expected: number;
  generated: number;
}

/**
 * Draws what engines and requests do, tells both sides by the same sockets and the same calls, and
 * compares after each step what they know and choose. Throws an `OracleDifference`.
 */
export async function runOracle(options: OracleOptions): Promise<OracleOutcome> {
  const engines: OracleEngine[] = [];
  for (let worker = 1; worker <= WORKERS; worker++) {
    engines.push(await OracleEngine.open(worker, options.ownNames));
  }
  const [ours, theirs] = [
    await OurSide.open(engines),
    await TheirSide.open(options.python, engines),
  ];
  try {
    const oracle = new Oracle(options, engines, ours, theirs);
    return await oracle.run();
  } finally {
    await Promise.all([ours.close(), theirs.close()]);
    for (const { publisher } of engines) publisher.close();
  }
}

class Oracle {
  readonly #options: OracleOptions;
  readonly #engines: readonly OracleEngine[];
  readonly #ours: OurSide;
  readonly #theirs: TheirSide;
  readonly #stream: RandomStream;
  readonly #underWay: UnderWay[] = [];
  readonly #wrong = { selector: 0, indexer: 0 };
  /** The slot tracker is not told of generated blocks, and what they fade stays faded for whoever shares it. */
  #hasGenerated = false;
  #step = 0;
  #lookUps = 0;
  #choices = 0;
  #ties = 0;

  constructor(
    options: OracleOptions,
    engines: readonly OracleEngine[],
    ours: OurSide,
    theirs: TheirSide,
  ) {
    this.#options = options;
    this.#engines = engines;
    this.#ours = ours;
    this.#theirs = theirs;
    this.#stream = openStream(options.seed, 'peers/oracle');
  }

  async run(): Promise<OracleOutcome> {
    const { steps, ownNames } = this.#options;
    for (const engine of this.#engines) await this.#greet(engine);
    for (this.#step = 1; this.#step <= steps; this.#step++) {
      const draw = this.#stream.nextFloat();
      if (ownNames || draw < 0.45) await this.#engineStep();
      else if (draw < 0.6) await this.#select();
      else if (draw < 0.75) await this.#reserve();
      else if (draw < 0.99) await this.#goOn();
      else await this.#endAll();
      await this.#compareIndexes(drawPrompt(this.#stream));
      if (!ownNames) await this.#compareLoads();
    }
    await this.#endAll();
    return {
      steps,
      lookUps: this.#lookUps,
      wrong: this.#wrong,
      choices: this.#choices,
      ties: this.#ties,
    };
  }

  /** Something happens to the blocks of an engine; now and then its message is lost. */
  async #engineStep(): Promise<void> {
    const engine = this.#engines[this.#stream.nextBelow(WORKERS)]!;
    const draw = this.#stream.nextFloat();
    const isLost = this.#stream.nextFloat() < 0.05;
    await this.#publish(engine, stepOf(draw), isLost);
    // Only a later message shows that one is missing.
    if (isLost) await this.#publish(engine, 'store', false);
  }

  /** Says nothing of import until everyone listens: a new subscriber may miss the first words. */
  async #greet(engine: OracleEngine): Promise<void> {
    await until(`everyone hears engine ${engine.worker}`, async () => {
      const marker = await engine.act('clear', drawPrompt(this.#stream), this.#stream);
      await setTimeout(GREETING_MS);
      return (await this.#deaf(engine, marker)).length === 0;
    });
  }

  async #publish(engine: OracleEngine, step: EngineStep, isLost: boolean): Promise<void> {
    const marker = await engine.act(step, drawPrompt(this.#stream), this.#stream, isLost);
    if (isLost) return;
    let deaf: readonly string[] = [];
    const hasHeard = async () => {
      deaf = await this.#deaf(engine, marker);
      return deaf.length === 0;
    };
    await until('everyone has heard it', hasHeard).catch(() => {
      throw new OracleDifference(this.#step, `${step} of ${engine.worker} was not heard`, deaf, []);
    });
  }

  /** Who has not heard of the block yet that an engine has published last. */
  async #deaf({ worker }: OracleEngine, marker: readonly number[]): Promise<readonly string[]> {
    const heard = {
      ours: (await this.#ours.overlaps(marker))[worker - 1],
      selector: (await this.#theirs.overlaps(marker))[worker - 1]?.device_blocks,
      indexer: (await this.#theirs.indexed(marker, WORKERS))[worker - 1],
    };
    return Object.entries(heard).flatMap(([name, blocks]) => (blocks === 1 ? [] : [name]));
  }

  /** What three indexes know of a prompt, beside what engines hold. */
  async #compareIndexes(prompt: OraclePrompt): Promise<void> {
    const held = this.#engines.map((engine) => engine.holds(prompt));
    const device = held.map((one) => one.device);
    const ours = await this.#ours.overlaps(prompt.tokens);
    this.#same('blocks that engines hold, and what our index has', device, ours);
    const scores = await this.#theirs.overlaps(prompt.tokens);
    const selector = scores.map((one) => one.device_blocks);
    const indexer = await this.#theirs.indexed(prompt.tokens, WORKERS);
    this.#lookUps += WORKERS;
    if (this.#options.ownNames) {
      this.#wrong.selector += countDifferent(selector, device);
      this.#wrong.indexer += countDifferent(indexer, device);
      return;
    }
    this.#same('/overlap_scores', selector, ours);
    this.#same('/query', indexer, ours);
    const host = scores.map((one) => one.host_pinned_blocks);
    const both = held.map((one) => one.device + one.host);
    this.#same('/overlap_scores with host memory', host, both);
  }

  async #select(): Promise<void> {
    const { tokens } = drawPrompt(this.#stream);
    const theirs = await this.#theirs.select(tokens);
    const { worker, candidates, placement } = await this.#ours.choose(tokens, {});
    placement.ended();
    const equals = cheapest(candidates);
    this.#choices++;
    if (equals.length > 1) this.#ties++;
    // Among workers of equal cost each side draws for itself.
    this.#isOneOf('/select', theirs.worker_id, equals);
    this.#isOneOf('our own choice', worker, equals);
    const chosen = candidates[theirs.worker_id - 1]!;
    const asked = Math.ceil(tokens.length / BLOCK_SIZE);
    const blocks = chosen.activeBlocks + asked - chosen.sharedBlocks;
    this.#same('potential_decode_blocks of /select', theirs.potential_decode_blocks, blocks);
  }

  async #reserve(): Promise<void> {
    if (this.#underWay.length >= MOST_UNDER_WAY) return this.#end(this.#takeOne());
    const { tokens } = drawPrompt(this.#stream);
    const expected = this.#stream.nextFloat() < 0.5 ? 0 : 4 + this.#stream.nextBelow(40);
    const id = `r${this.#step}`;
    const { body, text } = await this.#theirs.reserve(id, tokens, expected);
    const { worker_id: steer } = body;
    const asked = { steer, outputTokens: expected };
    const { candidates, placement } = await this.#ours.choose(tokens, asked);
    this.#choices++;
    this.#isOneOf('/select_and_reserve', steer, cheapest(candidates));
    if (cheapest(candidates).length > 1) this.#ties++;
    const hashes = /"sequence_hashes":\[([^\]]*)\]/.exec(text)?.[1];
    this.#same('sequence hashes', hashes, signedHashes(tokens));
    this.#underWay.push({ id, placement, expected, generated: 0 });
  }

  /** A request goes on: its prompt is computed, it generates a block, or it ends. */
  async #goOn(): Promise<void> {
    if (this.#underWay.length === 0) return this.#reserve();
    const draw = this.#stream.nextFloat();
    if (draw < 0.45) return this.#end(this.#takeOne());
    const one = this.#underWay[this.#stream.nextBelow(this.#underWay.length)]!;
    if (draw < 0.75 || one.generated > 0) {
      one.placement.firstToken();
      await this.#theirs.prefillComplete(one.id);
      return;
    }
    this.#hasGenerated = true;
    one.generated += BLOCK_SIZE;
    one.placement.progress(one.generated);
    const fraction = Math.max(0, 1 - one.generated / one.expected);
    await this.#theirs.outputBlock(one.id, one.expected === 0 ? undefined : fraction);
  }

  async #endAll(): Promise<void> {
    for (const one of this.#underWay.splice(0)) await this.#end(one);
    this.#hasGenerated = false;
  }

  #takeOne(): UnderWay {
    return this.#underWay.splice(this.#stream.nextBelow(this.#underWay.length), 1)[0]!;
  }

  async #end({ id, placement }: UnderWay): Promise<void> {
    placement.ended();
    await this.#theirs.free(id);
  }

  async #compareLoads(): Promise<void> {
    const ours = this.#ours.loads;
    const theirs = await this.#theirs.loads();
    const slots = await this.#theirs.slots();
    const prefill = ours.map((one) => one.prefill_tokens);
    const blocks = ours.map((one) => one.active_blocks);
    const requests = ours.map((one) => one.active_requests);
    const of = <Key extends keyof (typeof theirs)[number]>(key: Key) =>
      theirs.map((one) => one[key]);
    this.#same('prompt tokens of /loads', of('potential_prefill_tokens'), prefill);
    this.#same('blocks of /loads', of('potential_decode_blocks'), blocks);
    this.#same('requests of /loads', of('active_requests'), requests);
    const slotTokens = slots.map((one) => one.active_prefill_tokens);
    this.#same("prompt tokens of the slot tracker's /loads", slotTokens, prefill);
    if (this.#hasGenerated) return;
    const slotBlocks = slots.map((one) => one.active_decode_blocks);
    this.#same("blocks of the slot tracker's /loads", slotBlocks, blocks);
  }

  #same(what: string, theirs: unknown, ours: unknown): void {
    if (isDeepStrictEqual(theirs, ours)) return;
    throw new OracleDifference(this.#step, what, theirs, ours);
  }

  #isOneOf(what: string, chosen: number, equals: readonly number[]): void {
    if (equals.includes(chosen)) return;
    throw new OracleDifference(this.#step, what, chosen, equals);
  }
}

function stepOf(draw: number): EngineStep {
  if (draw < 0.55) return 'store';
  if (draw < 0.78) return 'evict';
  if (draw < 0.9) return 'offload';
  return draw < 0.97 ? 'drop' : 'clear';
}

function countDifferent(some: readonly number[], others: readonly number[]): number {
  return some.filter((one, at) => one !== others[at]).length;
}
