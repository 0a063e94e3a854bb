import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LinkTable } from '#sim/cluster/network/link-table.ts';
import { Network } from '#sim/cluster/network/network.ts';
import { PathTable } from '#sim/cluster/network/path-table.ts';
import { NaiveNetwork } from '../reference/naive-network.ts';
import { check } from './check.ts';

/** Links and paths over them, drawn narrow so that most of them are fought for. */
const shape = fc
  .array(
    fc.record({
      capacity: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom(0.5, 2.5, 40)),
      latencyNs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 12 })),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .chain((links) =>
    fc.record({
      links: fc.constant(links),
      paths: fc.array(fc.subarray([...links.keys()], { minLength: 1 }), {
        minLength: 1,
        maxLength: 8,
      }),
    }),
  );

/** What happens at one moment, and how long nothing else does. */
const step = fc.record({
  starts: fc.array(
    fc.record({
      path: fc.nat(),
      bytes: fc.oneof(fc.constantFrom(0, 60), fc.integer({ min: 1, max: 400 })),
      limit: fc.constantFrom(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 1, 0.75, 3),
    }),
    { maxLength: 4 },
  ),
  cancels: fc.array(fc.nat(), { maxLength: 2 }),
  waitNs: fc.integer({ min: 0, max: 60 }),
});

const life = fc.record({ shape, steps: fc.array(step, { minLength: 1, maxLength: 14 }) });

type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;
type Step = Life['steps'][number];

interface Flowing {
  readonly subject: number;
  readonly row: number;
  readonly path: number;
  readonly bytes: number;
  readonly limit: number;
  readonly joinNs: number;
}

/** Our network driven by a drawn life, with what is known of it from outside. */
class Driven {
  readonly network: Network;
  readonly paths: readonly (readonly number[])[];
  readonly capacity: readonly number[];
  flowing: Flowing[] = [];
  /** [moment, subject] of all ends, in the order in which they were told. */
  readonly ends: [number, number][] = [];
  readonly cancelled: [subject: number, moved: number][] = [];
  readonly crossed: number[];
  nowNs = 0;
  #subjects = 0;
  readonly #latencyNs: readonly number[];

  constructor({ links, paths }: Life['shape']) {
    const linkTable = new LinkTable();
    for (const [index, link] of links.entries()) linkTable.add({ name: `${index}`, ...link });
    const pathTable = new PathTable(linkTable);
    for (const path of paths) pathTable.add(path);
    this.network = new Network(linkTable, pathTable);
    this.paths = paths;
    this.capacity = links.map(({ capacity }) => capacity);
    this.#latencyNs = paths.map((path) =>
      path.reduce((sum, link) => sum + links[link]!.latencyNs, 0),
    );
    this.crossed = links.map(() => 0);
  }

  /** Who is begun and who is cancelled at a step, chosen before any of it is done. */
  choose({ starts, cancels }: Step) {
    const subjects = this.flowing.map(({ subject }) => subject).sort((a, b) => a - b);
    const picked = cancels.flatMap((pick) => subjects[pick % Math.max(1, subjects.length)] ?? []);
    const victims = [...new Set(picked)];
    const begun = starts.map(({ path, bytes, limit }) => {
      return { subject: this.#subjects++, path: path % this.paths.length, bytes, limit };
    });
    return { begun, victims };
  }

  start({ subject, path, bytes, limit }: Omit<Flowing, 'row' | 'joinNs'>): void {
    const row = this.network.start(path, bytes, subject, this.nowNs, limit);
    const joinNs = this.nowNs + this.#latencyNs[path]!;
    this.flowing.push({ subject, row, path, bytes, limit, joinNs });
  }

  cancel(subject: number): void {
    const flow = this.flowing.find((other) => other.subject === subject)!;
    const moved = this.network.cancel(flow.row, this.nowNs);
    this.cancelled.push([subject, moved]);
    this.#gone(flow, moved);
  }

  /** Plays every event until `untilNs`, looking at the rates after each. */
  wait(untilNs: number, look: () => void): void {
    look();
    for (;;) {
      const nextNs = this.network.nextEventNs;
      if (nextNs > untilNs || nextNs === Number.POSITIVE_INFINITY) break;
      expect(nextNs).toBeGreaterThanOrEqual(this.nowNs);
      expect(Number.isInteger(nextNs)).toBe(true);
      this.nowNs = nextNs;
      this.network.play(nextNs);
      for (const subject of this.network.ended.rows.subarray(0, this.network.ended.count)) {
        this.ends.push([nextNs, subject]);
        const flow = this.flowing.find((other) => other.subject === subject)!;
        this.#gone(flow, flow.bytes);
      }
      look();
    }
    if (untilNs < Number.POSITIVE_INFINITY) this.nowNs = untilNs;
  }

  #gone(flow: Flowing, moved: number): void {
    this.flowing = this.flowing.filter((other) => other !== flow);
    for (const link of this.paths[flow.path]!) this.crossed[link]! += moved;
  }
}

/** Flies a life to its end; `look` is called after every change. */
function fly({ shape, steps }: Life, look: (driven: Driven) => void, reversed = false): Driven {
  const driven = new Driven(shape);
  for (const drawn of steps) {
    const { begun, victims } = driven.choose(drawn);
    const deeds = [
      ...begun.map((flow) => () => driven.start(flow)),
      ...victims.map((subject) => () => driven.cancel(subject)),
    ];
    for (const deed of reversed ? deeds.reverse() : deeds) deed();
    driven.wait(driven.nowNs + drawn.waitNs, () => look(driven));
  }
  driven.wait(Number.POSITIVE_INFINITY, () => look(driven));
  return driven;
}

const near = (value: number): number => 1e-9 * Math.max(1, value);

test('transfers end when they end in a network that steps through every nanosecond', () => {
  let ends = 0;
  check(life, 250, (drawn) => {
    const ours = new Driven(drawn.shape);
    const { links } = drawn.shape;
    const theirs = new NaiveNetwork(
      links.map(({ capacity }) => capacity),
      links.map(({ latencyNs }) => latencyNs),
    );
    const naiveEnds: [number, number][] = [];
    const tell = (subjects: readonly number[]): void => {
      for (const subject of subjects) naiveEnds.push([theirs.nowNs, subject]);
    };
    for (const one of drawn.steps) {
      const { begun, victims } = ours.choose(one);
      for (const flow of begun) {
        ours.start(flow);
        theirs.start(ours.paths[flow.path]!, flow.bytes, flow.subject, flow.limit);
      }
      for (const subject of victims) {
        ours.cancel(subject);
        expect(Math.abs(theirs.cancel(subject) - ours.cancelled.at(-1)![1])).toBeLessThan(1 + 1e-6);
      }
      const untilNs = ours.nowNs + one.waitNs;
      ours.wait(untilNs, () => undefined);
      tell(theirs.takeEnded(theirs.rates()));
      while (theirs.nowNs < untilNs) {
        tell(theirs.step());
        tell(theirs.takeEnded(theirs.rates()));
      }
    }
    ours.wait(Number.POSITIVE_INFINITY, () => undefined);
    while (theirs.flows.length > 0) {
      tell(theirs.step());
      tell(theirs.takeEnded(theirs.rates()));
    }
    const inOrder = (list: [number, number][]) => list.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    expect(inOrder(ours.ends)).toEqual(inOrder(naiveEnds));
    ends += naiveEnds.length;
  });
  if (process.env.WINDTUNNEL_PATH === undefined) expect(ends).toBeGreaterThan(1500);
});

test('no link is over its capacity, and every flow is held up by something fair', () => {
  check(life, 500, (drawn) => {
    fly(drawn, ({ network, flowing, paths, capacity, nowNs }) => {
      const rates = flowing.map((flow) => ({ ...flow, rate: network.rate(flow.row) }));
      const users = capacity.map((_, link) =>
        rates.filter(({ path, rate }) => rate > 0 && paths[path]!.includes(link)),
      );
      const loads = users.map((list) => list.reduce((sum, { rate }) => sum + rate, 0));
      for (const [link, load] of loads.entries()) {
        expect(load).toBeLessThanOrEqual(capacity[link]! + near(capacity[link]!));
        expect(Math.abs(network.usage.rate(link) - load)).toBeLessThan(1e-7);
      }
      for (const { rate, limit, path, joinNs } of rates) {
        if (joinNs > nowNs) {
          expect(rate).toBe(0);
          continue;
        }
        const bottleneck = paths[path]!.some(
          (link) =>
            loads[link]! >= capacity[link]! - near(capacity[link]!) &&
            users[link]!.every((other) => other.rate <= rate + near(rate)),
        );
        expect(bottleneck || rate === limit).toBe(true);
      }
    });
  });
});

test('every byte crosses every link of its path once, and nothing is left behind', () => {
  check(life, 500, (drawn) => {
    const driven = fly(drawn, () => undefined);
    const { network, crossed, nowNs, cancelled } = driven;
    expect([network.flows, network.nextEventNs]).toEqual([0, Number.POSITIVE_INFINITY]);
    for (const [link, bytes] of crossed.entries()) {
      // What was cancelled is counted in whole bytes.
      const slack = cancelled.length + 1e-3 + 1e-6 * bytes;
      expect(Math.abs(network.usage.bytes(link, nowNs) - bytes)).toBeLessThanOrEqual(slack);
      expect(network.usage.rate(link)).toBe(0);
      expect(network.usage.peakShare(link, nowNs)).toBeLessThanOrEqual(1 + 1e-9);
      expect(network.usage.busyNs(link, nowNs)).toBeLessThanOrEqual(nowNs);
    }
  });
});

test('the order of what begins and is cancelled at one moment changes nothing', () => {
  check(life, 500, (drawn) => {
    const forth: unknown[] = [];
    const back: unknown[] = [];
    const note = (list: unknown[]) => (driven: Driven) => {
      const rates = driven.flowing.map(({ subject, row }) => [subject, driven.network.rate(row)]);
      list.push(rates.sort((a, b) => a[0]! - b[0]!));
    };
    const one = fly(drawn, note(forth));
    const other = fly(drawn, note(back), true);
    expect(back).toEqual(forth);
    expect(other.ends).toEqual(one.ends);
    for (const link of one.capacity.keys()) {
      const usages = [one, other].map(({ network, nowNs }) => [
        network.usage.bytes(link, nowNs),
        network.usage.busyNs(link, nowNs),
        network.usage.peakShare(link, nowNs),
      ]);
      expect(usages[1]).toEqual(usages[0]);
    }
  });
});
