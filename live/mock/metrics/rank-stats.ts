import { type Ns, nsToSeconds } from '#core/base/time.ts';
import { Histogram, oneTwoFive } from './histogram.ts';

/** What is remembered of a request while it is served; times are the clock's. */
export interface RequestRecord {
  readonly rank: number;
  readonly promptTokens: number;
  /** Output tokens that it asked for. */
  readonly maxTokens: number;
  readonly arrivedNs: Ns;
  admittedNs: Ns;
  firstTokenNs: Ns;
  lastTokenNs: Ns;
  generated: number;
  cachedTokens: number;
  /** Prompt tokens that were computed elsewhere. */
  copiedTokens: number;
}

const TTFT_S = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
  160, 640, 2560,
];
const GAP_S = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
];
const LATENCY_S = [
  0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
];
const STEP_TOKENS = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384];

/** What one rank has done so far, as its metrics tell it; spans are seconds of the clock. */
export class RankStats {
  promptTokens = 0;
  cachedTokens = 0;
  copiedTokens = 0;
  generationTokens = 0;
  readonly finished = { stop: 0, length: 0 };
  readonly ttftS = new Histogram(TTFT_S);
  readonly gapS = new Histogram(GAP_S);
  readonly tpotS = new Histogram(GAP_S);
  readonly e2eS = new Histogram(LATENCY_S);
  readonly queueS = new Histogram(LATENCY_S);
  readonly inferenceS = new Histogram(LATENCY_S);
  readonly prefillS = new Histogram(LATENCY_S);
  readonly decodeS = new Histogram(LATENCY_S);
  readonly stepTokens = new Histogram(STEP_TOKENS);
  readonly requestPrompt: Histogram;
  readonly requestGeneration: Histogram;
  readonly requestMax: Histogram;
  readonly requestComputed: Histogram;

  constructor(maxModelLen: number) {
    const lengths = oneTwoFive(maxModelLen);
    this.requestPrompt = new Histogram(lengths);
    this.requestGeneration = new Histogram(lengths);
    this.requestMax = new Histogram(lengths);
    this.requestComputed = new Histogram(lengths);
  }

  /** Tokens of a request have come out; its record knows the moment as its last one yet. */
  tokens(record: RequestRecord, count: number, atNs: Ns): void {
    let later = count;
    this.generationTokens += count;
    if (record.generated === 0) {
      record.firstTokenNs = atNs;
      this.ttftS.observe(nsToSeconds(atNs - record.arrivedNs));
      this.promptTokens += record.promptTokens;
      this.cachedTokens += record.cachedTokens;
      this.copiedTokens += record.copiedTokens;
      later--;
    } else {
      this.gapS.observe(nsToSeconds(atNs - record.lastTokenNs));
      later--;
    }
    // A burst shares one moment.
    if (later > 0) this.gapS.observe(0, later);
    record.generated += count;
    record.lastTokenNs = atNs;
  }

  completed(record: RequestRecord, reason: 'stop' | 'length'): void {
    const { arrivedNs, admittedNs, firstTokenNs, lastTokenNs, generated } = record;
    this.finished[reason]++;
    this.e2eS.observe(nsToSeconds(lastTokenNs - arrivedNs));
    this.queueS.observe(nsToSeconds(admittedNs - arrivedNs));
    this.inferenceS.observe(nsToSeconds(lastTokenNs - admittedNs));
    this.prefillS.observe(nsToSeconds(firstTokenNs - admittedNs));
    this.decodeS.observe(nsToSeconds(lastTokenNs - firstTokenNs));
    const gaps = Math.max(1, generated - 1);
    this.tpotS.observe(nsToSeconds(lastTokenNs - firstTokenNs) / gaps);
    this.requestPrompt.observe(record.promptTokens);
    this.requestGeneration.observe(generated);
    this.requestMax.observe(record.maxTokens);
    this.requestComputed.observe(record.promptTokens - record.cachedTokens);
  }
}
