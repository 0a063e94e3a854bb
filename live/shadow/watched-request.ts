import { NS_PER_MS, type Ns } from '#core/base/time.ts';
import type { SentWatch } from '../routing/placement-watch.ts';
import type { Forecast } from './shadow-facts.ts';

/** Who keeps account of requests that are shadowed. */
export interface WatchHost {
  now(): Ns;
  /** A time was predicted before it came. */
  judge(kind: 'ttft' | 'e2e', predictedMs: number, cameMs: number): void;
  /** A first token came before its forecast. */
  late(): void;
  ended(id: number, generated: number, isWhole: boolean): void;
}

/**
 * One request that is shadowed, from its arrival at the router on. What comes with the whole of an
 * answer is no first token that anybody has seen: of an answer that is not streamed, only E2E is judged.
 */
export class WatchedRequest implements SentWatch {
  forecast: Forecast | undefined;
  readonly #id: number;
  readonly #arrivedNs: Ns;
  readonly #wantsForecast: boolean;
  readonly #host: WatchHost;
  #firstNs: Ns = -1;
  #firstTokens = 0;
  #generated = 0;
  /** The forecast, where it was there before the first token. */
  #predicted: Forecast | undefined;
  #isFirstJudged = false;

  constructor(id: number, arrivedNs: Ns, wantsForecast: boolean, host: WatchHost) {
    this.#id = id;
    this.#arrivedNs = arrivedNs;
    this.#wantsForecast = wantsForecast;
    this.#host = host;
  }

  progress(generatedTokens: number): void {
    this.#generated = generatedTokens;
    if (this.#firstNs < 0) {
      this.#firstNs = this.#host.now();
      this.#firstTokens = generatedTokens;
      this.#predicted = this.forecast;
      if (this.#wantsForecast && this.forecast === undefined) this.#host.late();
    } else {
      this.#judgeFirst();
    }
  }

  ended(isWhole: boolean): void {
    const host = this.#host;
    if (isWhole && this.#firstNs >= 0) {
      if (this.#firstTokens === 1) this.#judgeFirst();
      const { forecast } = this;
      if (forecast !== undefined) {
        const cameMs = (host.now() - this.#arrivedNs) / NS_PER_MS;
        host.judge('e2e', forecast.e2eNs / NS_PER_MS, cameMs);
      }
    }
    host.ended(this.#id, this.#generated, isWhole);
  }

  #judgeFirst(): void {
    if (this.#isFirstJudged || this.#predicted === undefined) return;
    this.#isFirstJudged = true;
    const cameMs = (this.#firstNs - this.#arrivedNs) / NS_PER_MS;
    this.#host.judge('ttft', this.#predicted.ttftNs / NS_PER_MS, cameMs);
  }
}
