import { drawGamma } from '#core/base/distributions.ts';
import { openStream, type RandomStream } from '#core/base/random.ts';
import { drawGeometric, drawLognormal, drawZipf } from './sampling.ts';
import type { Tenant } from './tenants.ts';

/**
 * How long a turn is taken to last when its follow-up is given a nominal time: the replay takes
 * the real end of the turn and adds the delay.
 */
const NOMINAL_TURN_MS = 400;
const NOMINAL_TOKEN_MS = 15;

export interface Session {
  /** Unique in the trace. */
  readonly name: string;
  readonly tenant: Tenant;
  readonly systemPrompt: number;
  readonly systemTokens: number;
  readonly turns: readonly Turn[];
}

export interface Turn {
  /** Arrival; for later turns nominal. */
  readonly timeMs: number;
  /** After the end of the turn before; undefined in the first. */
  readonly delayMs: number | undefined;
  /** The whole prompt: system prompt, all that was said before, and the new input. */
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Yields the sessions of one tenant in order of arrival. */
export class SessionSource {
  readonly #tenant: Tenant;
  readonly #meanGapMs: number;
  readonly #burstiness: number;
  readonly #arrivals: RandomStream;
  readonly #contents: RandomStream;
  readonly #systemTokens: readonly number[];
  #sessions = 0;
  #nextMs: number;

  /** `requestRate` in requests/s; `burstiness` is the gamma shape of the gaps between sessions. */
  constructor(tenant: Tenant, requestRate: number, burstiness: number, seed: number) {
    this.#tenant = tenant;
    this.#meanGapMs = (1_000 * tenant.meanTurns) / requestRate;
    this.#burstiness = burstiness;
    this.#arrivals = openStream(seed, `generate/${tenant.name}/arrivals`);
    this.#contents = openStream(seed, `generate/${tenant.name}/contents`);
    const prompts = openStream(seed, `generate/${tenant.name}/system-prompts`);
    this.#systemTokens = Array.from({ length: tenant.systemPrompts }, () =>
      drawLognormal(tenant.systemTokens, prompts),
    );
    this.#nextMs = this.#drawGapMs();
  }

  /** When the next session arrives. */
  get nextMs(): number {
    return this.#nextMs;
  }

  /** The next session. */
  next(): Session {
    const random = this.#contents;
    const systemPrompt = drawZipf(this.#tenant.systemPrompts, random);
    const systemTokens = this.#systemTokens[systemPrompt]!;
    const turns = this.#drawTurns(Math.round(this.#nextMs), systemTokens);
    this.#nextMs += this.#drawGapMs();
    const name = `${this.#tenant.name}-${this.#sessions++}`;
    return { name, tenant: this.#tenant, systemPrompt, systemTokens, turns };
  }

  #drawTurns(arrivalMs: number, systemTokens: number): Turn[] {
    const tenant = this.#tenant;
    const random = this.#contents;
    const count = drawGeometric(tenant.meanTurns, random);
    const turns: Turn[] = [];
    let timeMs = arrivalMs;
    let inputTokens = systemTokens + drawLognormal(tenant.firstInputTokens, random);
    let delayMs: number | undefined;
    while (turns.length < count && inputTokens <= tenant.maxPromptTokens) {
      const outputTokens = drawLognormal(tenant.outputTokens, random);
      turns.push({ timeMs, delayMs, inputTokens, outputTokens });
      delayMs = drawLognormal(tenant.delayMs, random);
      timeMs += NOMINAL_TURN_MS + NOMINAL_TOKEN_MS * outputTokens + delayMs;
      inputTokens += outputTokens + drawLognormal(tenant.laterInputTokens, random);
    }
    return turns;
  }

  #drawGapMs(): number {
    return this.#meanGapMs * drawGamma(this.#burstiness, this.#arrivals);
  }
}
