import { CreditTree } from './credit-tree.ts';

/** What the round robin asks about the moment at which it chooses. */
export interface ClassGate {
  /** The head of a plain class may leave where its threshold is at least this. */
  readonly leastPrefillTokens: number;
  /** Cost of what may leave a class that is looked at by itself; 0 = nothing may. */
  costToLeave(policyClass: number): number;
}

/** Classes of one threshold: either all of their heads may leave or none. */
interface Group {
  readonly thresholdTokens: number;
  /** Class numbers, ascending; a place in the tree is a place in this list. */
  readonly members: readonly number[];
  readonly credit: CreditTree;
}

const EMPTY = 0;
/** One head, free to go anywhere: whether it may leave depends on the threshold alone. */
const PLAIN = 1;
/** What may leave depends on pins: looked at by itself in every choice. */
const SINGLE = 2;

/**
 * Deficit round robin over policy classes, see the README. A ring of all classes is visited from a
 * cursor on. A class whose deficit covers the cost of its head is served; otherwise it earns a
 * quantum, and is served if that is enough. If a whole round serves nobody, every class that has
 * something to serve is granted as many rounds as the nearest of them needs.
 *
 *     #quantum[c], #deficit[c]   tokens; the deficit as of when the class's head was set
 *     #needed[c]                 rounds that it needed then; what the tree says now is fewer
 *     #state[c]                  EMPTY, PLAIN or SINGLE
 *     #group[c], #place[c]       where a plain class stands
 */
export class DeficitRoundRobin {
  readonly #quantum: Float64Array;
  readonly #deficit: Float64Array;
  readonly #needed: Float64Array;
  readonly #state: Uint8Array;
  readonly #place: Int32Array;
  readonly #group: Group[] = [];
  /** By threshold, the highest first: those whose heads may leave come before the others. */
  readonly #groups: readonly Group[];
  readonly #singles: number[] = [];
  #cursor = 0;

  /** One quantum and one threshold a class, both in tokens. */
  constructor(quanta: readonly number[], thresholdTokens: readonly number[]) {
    const classes = quanta.length;
    this.#quantum = Float64Array.from(quanta);
    this.#deficit = new Float64Array(classes);
    this.#needed = new Float64Array(classes);
    this.#state = new Uint8Array(classes);
    this.#place = new Int32Array(classes);
    this.#groups = groupByThreshold(thresholdTokens);
    for (const group of this.#groups) {
      for (const [place, policyClass] of group.members.entries()) {
        this.#group[policyClass] = group;
        this.#place[policyClass] = place;
      }
    }
  }

  /** Tokens that a class has earned and not spent. */
  deficitOf(policyClass: number): number {
    return this.#deficit[policyClass]! + this.#earned(policyClass);
  }

  /** The class has a head of this cost, which is free to go anywhere. */
  setPlain(policyClass: number, cost: number): void {
    this.#settle(policyClass);
    if (this.#state[policyClass] === SINGLE) this.#dropSingle(policyClass);
    this.#state[policyClass] = PLAIN;
    const rounds = this.#roundsFor(policyClass, cost);
    this.#needed[policyClass] = rounds;
    this.#group[policyClass]!.credit.set(this.#place[policyClass]!, rounds);
  }

  /** What may leave the class depends on pins. */
  setSingle(policyClass: number): void {
    if (this.#state[policyClass] === SINGLE) return;
    this.#leaveTree(policyClass);
    this.#state[policyClass] = SINGLE;
    this.#singles.push(policyClass);
  }

  /** Nobody waits in the class any more: what it has earned is gone. */
  setEmpty(policyClass: number): void {
    if (this.#state[policyClass] === SINGLE) this.#dropSingle(policyClass);
    this.#leaveTree(policyClass);
    this.#state[policyClass] = EMPTY;
    this.#deficit[policyClass] = 0;
  }

  /** The class that is served next, with enough deficit to pay, or −1 when none may be. */
  choose(gate: ClassGate): number {
    const early = this.#firstWithin(1, gate);
    if (early >= 0) {
      this.#grantUpTo(early, gate);
      this.#earnLast(early, gate);
      return early;
    }
    const rounds = this.#leastNeeded(gate);
    if (rounds === Infinity) return -1;
    this.#grantAll(rounds, gate);
    return this.#firstWithin(0, gate);
  }

  /** The chosen class pays, and the cursor goes on behind it; call before its next head is set. */
  spend(policyClass: number, cost: number): void {
    this.#leaveTree(policyClass);
    this.#deficit[policyClass] = this.#deficit[policyClass]! - cost;
    this.#cursor = (policyClass + 1) % this.#quantum.length;
  }

  /** The class that was just served is visited again at once if it can pay for its next head. */
  stay(policyClass: number, nextCost: number): void {
    if (this.deficitOf(policyClass) >= nextCost) this.#cursor = policyClass;
  }

  /** The first class from the cursor on that may be served and needs at most `rounds`. */
  #firstWithin(rounds: number, gate: ClassGate): number {
    let best = -1;
    for (const { thresholdTokens, members, credit } of this.#groups) {
      if (thresholdTokens < gate.leastPrefillTokens) break;
      if (credit.least > rounds) continue;
      const behind = credit.firstWithin(rounds, placeOf(members, this.#cursor));
      const place = behind >= 0 ? behind : credit.firstWithin(rounds, 0);
      best = this.#nearer(best, members[place]!);
    }
    for (const policyClass of this.#singles) {
      const cost = gate.costToLeave(policyClass);
      if (cost > 0 && this.#roundsFor(policyClass, cost) <= rounds) {
        best = this.#nearer(best, policyClass);
      }
    }
    return best;
  }

  #leastNeeded(gate: ClassGate): number {
    let least = Infinity;
    for (const { thresholdTokens, credit } of this.#groups) {
      if (thresholdTokens < gate.leastPrefillTokens) break;
      least = Math.min(least, credit.least);
    }
    for (const policyClass of this.#singles) {
      const cost = gate.costToLeave(policyClass);
      if (cost > 0) least = Math.min(least, this.#roundsFor(policyClass, cost));
    }
    return least;
  }

  /** Classes between the cursor and the winner were visited in vain, and have earned by it. */
  #grantUpTo(winner: number, gate: ClassGate): void {
    if (winner === this.#cursor) return;
    for (const { thresholdTokens, members, credit } of this.#groups) {
      if (thresholdTokens < gate.leastPrefillTokens) break;
      const from = placeOf(members, this.#cursor);
      const end = placeOf(members, winner);
      if (winner > this.#cursor) {
        credit.grant(from, end, 1);
      } else {
        credit.grant(from, members.length, 1);
        credit.grant(0, end, 1);
      }
    }
    const distance = this.#distance(winner);
    for (const policyClass of this.#singles) {
      if (this.#distance(policyClass) < distance) this.#earn(policyClass, 1, gate);
    }
  }

  /** The winner earns only where what it had was not enough. */
  #earnLast(winner: number, gate: ClassGate): void {
    if (this.#state[winner] === PLAIN) {
      const place = this.#place[winner]!;
      const { credit } = this.#group[winner]!;
      if (credit.get(place) > 0) credit.grant(place, place + 1, 1);
    } else if (this.#roundsFor(winner, gate.costToLeave(winner)) > 0) {
      this.#earn(winner, 1, gate);
    }
  }

  #grantAll(rounds: number, gate: ClassGate): void {
    for (const { thresholdTokens, members, credit } of this.#groups) {
      if (thresholdTokens < gate.leastPrefillTokens) break;
      credit.grant(0, members.length, rounds);
    }
    for (const policyClass of this.#singles) this.#earn(policyClass, rounds, gate);
  }

  /** A class that is looked at by itself earns, unless it is blocked. */
  #earn(policyClass: number, rounds: number, gate: ClassGate): void {
    if (gate.costToLeave(policyClass) === 0) return;
    this.#deficit[policyClass] = this.#deficit[policyClass]! + rounds * this.#quantum[policyClass]!;
  }

  #roundsFor(policyClass: number, cost: number): number {
    const missing = cost - this.#deficit[policyClass]!;
    return missing <= 0 ? 0 : Math.ceil(missing / this.#quantum[policyClass]!);
  }

  /** What a plain class has earned since its head was set. */
  #earned(policyClass: number): number {
    if (this.#state[policyClass] !== PLAIN) return 0;
    const left = this.#group[policyClass]!.credit.get(this.#place[policyClass]!);
    return (this.#needed[policyClass]! - left) * this.#quantum[policyClass]!;
  }

  #settle(policyClass: number): void {
    this.#deficit[policyClass] = this.deficitOf(policyClass);
  }

  /** Afterwards the class stands in no tree, with its deficit up to date. */
  #leaveTree(policyClass: number): void {
    if (this.#state[policyClass] !== PLAIN) return;
    this.#settle(policyClass);
    this.#group[policyClass]!.credit.set(this.#place[policyClass]!, Infinity);
    this.#state[policyClass] = EMPTY;
  }

  #dropSingle(policyClass: number): void {
    this.#singles.splice(this.#singles.indexOf(policyClass), 1);
  }

  #distance(policyClass: number): number {
    const ahead = policyClass - this.#cursor;
    return ahead < 0 ? ahead + this.#quantum.length : ahead;
  }

  #nearer(best: number, policyClass: number): number {
    if (best < 0) return policyClass;
    return this.#distance(policyClass) < this.#distance(best) ? policyClass : best;
  }
}

/** The highest threshold first, the classes of each in their order. */
function groupByThreshold(thresholds: readonly number[]): readonly Group[] {
  const classesOf = new Map<number, number[]>();
  for (const [policyClass, threshold] of thresholds.entries()) {
    const classes = classesOf.get(threshold);
    if (classes === undefined) classesOf.set(threshold, [policyClass]);
    else classes.push(policyClass);
  }
  return [...classesOf]
    .sort(([a], [b]) => b - a)
    .map(([threshold, members]) => {
      return { thresholdTokens: threshold, members, credit: new CreditTree(members.length) };
    });
}

/** How many members come before a class in the ring. */
function placeOf(members: readonly number[], policyClass: number): number {
  let low = 0;
  let high = members.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (members[middle]! < policyClass) low = middle + 1;
    else high = middle;
  }
  return low;
}
