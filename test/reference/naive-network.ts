/** A transfer as the naive network sees it. */
export interface NaiveFlow {
  readonly subject: number;
  readonly links: readonly number[];
  readonly bytes: number;
  readonly limit: number;
  readonly joinNs: number;
  moved: number;
}

/**
 * Shared links, one nanosecond after another: in each of them the rates of all flows are found anew,
 * by raising them together in small jumps, and every flow moves on by its rate. Flows begin and are
 * cancelled between two nanoseconds.
 */
export class NaiveNetwork {
  nowNs = 0;
  flows: NaiveFlow[] = [];
  readonly #capacity: readonly number[];
  readonly #latencyNs: readonly number[];

  constructor(capacity: readonly number[], latencyNs: readonly number[]) {
    this.#capacity = capacity;
    this.#latencyNs = latencyNs;
  }

  start(links: readonly number[], bytes: number, subject: number, limit: number): void {
    const latencyNs = links.reduce((sum, link) => sum + this.#latencyNs[link]!, 0);
    const joinNs = this.nowNs + latencyNs;
    this.flows.push({ subject, links, bytes, limit, joinNs, moved: 0 });
  }

  /** Takes a flow out; returns how many bytes it has moved. */
  cancel(subject: number): number {
    const flow = this.flows.find((other) => other.subject === subject)!;
    this.flows = this.flows.filter((other) => other !== flow);
    return flow.moved;
  }

  /** The rates of all flows whose first byte is across, by subject. */
  rates(): Map<number, number> {
    const flowing = this.flows.filter(({ joinNs }) => joinNs <= this.nowNs);
    const rate = new Map(flowing.map(({ subject }) => [subject, 0]));
    let rising = flowing;
    while (rising.length > 0) {
      const jump = Math.min(
        ...rising.map(({ subject, limit }) => limit - rate.get(subject)!),
        ...this.#headrooms(flowing, rising, rate),
      );
      for (const { subject } of rising) rate.set(subject, rate.get(subject)! + jump);
      rising = rising.filter(
        ({ subject, limit, links }) =>
          limit - rate.get(subject)! > 1e-9 &&
          links.every((link) => this.#room(link, flowing, rate) > 1e-9),
      );
    }
    return rate;
  }

  /** One nanosecond passes; returns the subjects whose bytes are across by then, in order. */
  step(): number[] {
    const rate = this.rates();
    this.nowNs++;
    for (const flow of this.flows) flow.moved += rate.get(flow.subject) ?? 0;
    return this.takeEnded(rate);
  }

  /** Those whose bytes are across now, up to what a flow moves in a thousandth of a nanosecond. */
  takeEnded(rate: ReadonlyMap<number, number>): number[] {
    const ended = this.flows.filter(({ subject, moved, bytes }) => {
      const speed = rate.get(subject);
      return speed !== undefined && bytes - moved <= speed * 1e-3 + 1e-9;
    });
    this.flows = this.flows.filter((flow) => !ended.includes(flow));
    return ended.map(({ subject }) => subject).sort((a, b) => a - b);
  }

  #room(link: number, flowing: readonly NaiveFlow[], rate: ReadonlyMap<number, number>): number {
    const users = flowing.filter(({ links }) => links.includes(link));
    return users.reduce((left, { subject }) => left - rate.get(subject)!, this.#capacity[link]!);
  }

  /** How far all rising flows can go on each link before it is full. */
  #headrooms(
    flowing: readonly NaiveFlow[],
    rising: readonly NaiveFlow[],
    rate: ReadonlyMap<number, number>,
  ): number[] {
    return this.#capacity.flatMap((_, link) => {
      const users = rising.filter(({ links }) => links.includes(link)).length;
      return users === 0 ? [] : [this.#room(link, flowing, rate) / users];
    });
  }
}
