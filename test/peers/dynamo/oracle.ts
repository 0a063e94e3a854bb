import { setTimeout } from 'node:timers/promises';
import { openStream, type RandomStream } from '#core/base/random.ts';
import type { Placement } from '#live/routing/route-ask.ts';
import { until } from '#test/support/until.ts';
import {
  OracleChecks,
  type OracleCounts,
  OracleDifference,
  type OracleSides,
  same,
} from './oracle-checks.ts';
import { type EngineStep, OracleEngine } from './oracle-engine.ts';
import { BLOCK_SIZE, drawPrompt } from './oracle-prompts.ts';
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

/** How far a run came: all its steps, or to the first difference. */
export interface OracleOutcome {
  readonly steps: number;
  readonly counts: OracleCounts;
  readonly difference: OracleDifference | undefined;
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
 * compares after each step what they know and choose.
 */
export async function runOracle(options: OracleOptions): Promise<OracleOutcome> {
  const engines: OracleEngine[] = [];
  for (let worker = 1; worker <= WORKERS; worker++) {
    engines.push(await OracleEngine.open(worker, options.ownNames));
  }
  const ours = await OurSide.open(engines);
  const theirs = await TheirSide.open(options.python, engines);
  try {
    return await new Oracle(options, { engines, ours, theirs }).run();
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
  readonly #checks: OracleChecks;
  readonly #stream: RandomStream;
  readonly #underWay: UnderWay[] = [];
  /** The slot tracker is not told of generated blocks, and what they fade stays faded for whoever shares it. */
  #hasGenerated = false;
  #step = 0;

  constructor(options: OracleOptions, sides: OracleSides) {
    this.#options = options;
    this.#engines = sides.engines;
    this.#ours = sides.ours;
    this.#theirs = sides.theirs;
    this.#checks = new OracleChecks(sides);
    this.#stream = openStream(options.seed, 'peers/oracle');
  }

  async run(): Promise<OracleOutcome> {
    const { counts } = this.#checks;
    try {
      for (const engine of this.#engines) await this.#greet(engine);
      while (this.#step < this.#options.steps) {
        this.#step++;
        await this.#take();
      }
      await this.#endAll();
      return { steps: this.#step, counts, difference: undefined };
    } catch (error) {
      if (!(error instanceof OracleDifference)) throw error;
      return { steps: this.#step, counts, difference: error };
    }
  }

  /** One step, and all comparisons after it. */
  async #take(): Promise<void> {
    const { ownNames } = this.#options;
    const draw = this.#stream.nextFloat();
    if (ownNames || draw < 0.45) await this.#engineStep();
    else if (draw < 0.6) await this.#select();
    else if (draw < 0.75) await this.#reserve();
    else if (draw < 0.99) await this.#goOn();
    else await this.#endAll();
    await this.#checks.indexes(drawPrompt(this.#stream), ownNames);
    if (!ownNames) await this.#checks.loads(!this.#hasGenerated);
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
      throw new OracleDifference(`${step} of engine ${engine.worker}, not heard by`, deaf, []);
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

  async #select(): Promise<void> {
    const { tokens } = drawPrompt(this.#stream);
    const theirs = await this.#theirs.select(tokens);
    const ours = await this.#ours.choose(tokens, {});
    ours.placement.ended();
    this.#checks.choice(tokens, theirs, ours);
  }

  async #reserve(): Promise<void> {
    if (this.#underWay.length >= MOST_UNDER_WAY) return this.#end(this.#takeOne());
    const { tokens } = drawPrompt(this.#stream);
    const expected = this.#stream.nextFloat() < 0.5 ? 0 : 4 + this.#stream.nextBelow(40);
    const id = `r${this.#step}`;
    const theirs = await this.#theirs.select(tokens);
    const looked = await this.#ours.choose(tokens, {});
    looked.placement.ended();
    this.#checks.choice(tokens, theirs, looked);
    // Dynamo draws among equals without a seed; ours decides for both, so that a run can be repeated.
    const equals = cheapest(looked.candidates);
    const steer = equals[this.#stream.nextBelow(equals.length)]!;
    const { text } = await this.#theirs.reserve(id, tokens, { worker: steer, expected });
    const { placement } = await this.#ours.choose(tokens, { steer, outputTokens: expected });
    this.#underWay.push({ id, placement, expected, generated: 0 });
    const hashes = /"sequence_hashes":\[([^\]]*)\]/.exec(text)?.[1];
    same('sequence hashes', hashes, signedHashes(tokens));
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
}

function stepOf(draw: number): EngineStep {
  if (draw < 0.55) return 'store';
  if (draw < 0.78) return 'evict';
  if (draw < 0.9) return 'offload';
  return draw < 0.97 ? 'drop' : 'clear';
}
