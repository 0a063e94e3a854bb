import { DueTree } from './due-tree.ts';
import { groupByThreshold, placeOf, type RingGroup } from './ring-group.ts';

/** What the round robin asks about the moment at which it chooses. */
export interface ClassGate {
  /** The head of a plain class may leave where its threshold is at least this. */
  readonly leastPrefillTokens: number;
  /** Cost of what may leave a class that is looked at by itself; 0 = nothing may. */
  costToLeave(policyClass: number): number;
}

const STRIDE = 4;
const DEFICIT = 1;
const NEEDED = 2;

const EMPTY = 0;
/** One head, free to go anywhere: whether it may leave depends on the threshold alone. */
const PLAIN = 1;
/** What may leave depends on pins or terms: looked at by itself in every choice. */
const SINGLE = 2;

/**
 * Deficit round robin over policy classes, see the README. A ring of all classes is visited from a
 * cursor on. A class whose deficit covers the cost of its head is served; otherwise it earns a
 * quantum, and is served if that is enough. If a whole round serves nobody, every class that has
 * something to serve is granted as many rounds as the nearest of them needs.
 *
 * Nobody is really visited: a plain class keeps the round of the ring in which it can pay, and earns
 * as rounds go by. A class that needs n more quanta, n ≥ 0, is due in round v + n − 1, where v is
 * the round of its next visit: the current one from the cursor on, the next one before it.
 *
 *     #tokens[4 c + …]           quantum; deficit as of when the class's head was set; quanta that it
 *                                needed then. Side by side, since they are used together
 *     #state[c]                  EMPTY, PLAIN or SINGLE
 *     #group[c], #place[c]       where a plain class stands
 */
export class DeficitRoundRobin {
  readonly #classes: number;
  readonly #tokens: Float64Array;
  readonly #state: Uint8Array;
  readonly #place: Int32Array;
  readonly #group: RingGroup[] = [];
  /** By threshold, the highest first: those whose heads may leave come before the others. */
  readonly #groups: readonly RingGroup[];
  readonly #singles: number[] = [];
  #cursor = 0;
  #round = 0;
  /** Groups of the last choice whose heads might leave. */
  #open = 0;

  /** One quantum and one threshold a class, both in tokens. */
  constructor(quanta: readonly number[], thresholdTokens: readonly number[]) {
    const classes = quanta.length;
    this.#classes = classes;
    this.#tokens = new Float64Array(STRIDE * classes);
    for (const [place, quantum] of quanta.entries()) this.#tokens[STRIDE * place] = quantum;
    this.#state = new Uint8Array(classes);
    this.#place = new Int32Array(classes);
    this.#groups = groupByThreshold(thresholdTokens).map(({ threshold, members }) => ({
      thresholdTokens: threshold,
      members,
      due: new DueTree(members.length),
      cursor: 0,
      round: 0,
      base: 0,
    }));
    for (const group of this.#groups) {
      for (const [place, policyClass] of group.members.entries()) {
        this.#group[policyClass] = group;
        this.#place[policyClass] = place;
      }
    }
  }

  /** Tokens that a class has earned and not spent. */
  deficitOf(policyClass: number): number {
    const deficit = this.#tokens[STRIDE * policyClass + DEFICIT]!;
    if (this.#state[policyClass] !== PLAIN) return deficit;
    const earned = this.#tokens[STRIDE * policyClass + NEEDED]! - this.#neededNow(policyClass);
    return deficit + earned * this.#tokens[STRIDE * policyClass]!;
  }

  /** The class has a head of this cost, which is free to go anywhere. */
  setPlain(policyClass: number, cost: number): void {
    const state = this.#state[policyClass]!;
    if (state === SINGLE) this.#dropSingle(policyClass);
    if (state === PLAIN) this.#tokens[STRIDE * policyClass + DEFICIT] = this.deficitOf(policyClass);
    this.#state[policyClass] = PLAIN;
    const needed = this.#roundsFor(policyClass, cost);
    this.#tokens[STRIDE * policyClass + NEEDED] = needed;
    const group = this.#group[policyClass]!;
    const due = visitOf(group, policyClass) + needed - 1;
    group.due.set(this.#place[policyClass]!, due - group.base);
  }

  /** What may leave the class depends on pins or terms. */
  setSingle(policyClass: number): void {
    if (this.#state[policyClass] === SINGLE) return;
    this.#leaveGroup(policyClass);
    this.#state[policyClass] = SINGLE;
    this.#singles.push(policyClass);
  }

  /** Nobody waits in the class any more: what it has earned is gone. */
  setEmpty(policyClass: number): void {
    if (this.#state[policyClass] === SINGLE) this.#dropSingle(policyClass);
    this.#leaveGroup(policyClass);
    this.#state[policyClass] = EMPTY;
    this.#tokens[STRIDE * policyClass + DEFICIT] = 0;
  }

  /** The class that is served next, with enough deficit to pay, or −1 when none may be. */
  choose(gate: ClassGate): number {
    this.#openGroups(gate.leastPrefillTokens);
    const early = this.#firstWithin(1, gate);
    if (early >= 0) {
      if (this.#singles.length > 0) this.#payVisited(early, gate);
      if (early < this.#cursor) this.#round++;
      this.#moveTo(early);
      return early;
    }
    const rounds = this.#leastNeeded(gate);
    if (rounds === Infinity) return -1;
    const winner = this.#firstWithin(rounds, gate);
    this.#grantAll(rounds, winner, gate);
    return winner;
  }

  /** The chosen class pays for its head, which leaves; the next is to be set after `moveOn`. */
  spend(policyClass: number, cost: number): void {
    if (this.#state[policyClass] === PLAIN) {
      // By now it has earned all that it needed.
      const earned =
        this.#tokens[STRIDE * policyClass + NEEDED]! * this.#tokens[STRIDE * policyClass]!;
      this.#tokens[STRIDE * policyClass + DEFICIT] =
        this.#tokens[STRIDE * policyClass + DEFICIT]! + earned;
      this.#group[policyClass]!.due.set(this.#place[policyClass]!, Infinity);
      this.#state[policyClass] = EMPTY;
    }
    this.#tokens[STRIDE * policyClass + DEFICIT] =
      this.#tokens[STRIDE * policyClass + DEFICIT]! - cost;
  }

  /** The ring goes on behind the class that was just served. */
  moveOn(policyClass: number): void {
    const next = policyClass + 1;
    if (next === this.#classes) this.#round++;
    this.#moveTo(next === this.#classes ? 0 : next);
  }

  /** The groups that may be served catch up with what went by while they were blocked. */
  #openGroups(leastPrefillTokens: number): void {
    const groups = this.#groups;
    let open = 0;
    while (open < groups.length && groups[open]!.thresholdTokens >= leastPrefillTokens) {
      this.#catchUp(groups[open]!);
      open++;
    }
    this.#open = open;
  }

  /** Visits that went by did not pay: what a class needs stays the same, seen from the new cursor. */
  #catchUp(group: RingGroup): void {
    const { cursor, due } = group;
    group.base += this.#round - group.round;
    group.round = this.#round;
    if (cursor === this.#cursor) return;
    const before = placeOf(group, cursor);
    const now = placeOf(group, this.#cursor);
    if (now > before) due.shift(before, now, 1);
    else due.shift(now, before, -1);
    group.cursor = this.#cursor;
  }

  #moveTo(cursor: number): void {
    this.#cursor = cursor;
    for (let index = 0; index < this.#open; index++) {
      const group = this.#groups[index]!;
      group.cursor = cursor;
      group.round = this.#round;
    }
  }

  /** The first class from the cursor on that may be served and needs at most so many quanta. */
  #firstWithin(quanta: number, gate: ClassGate): number {
    let best = -1;
    const by = this.#round + quanta - 1;
    for (let index = 0; index < this.#open; index++) {
      const group = this.#groups[index]!;
      const from = placeOf(group, this.#cursor);
      let place = group.due.firstDue(by - group.base, from);
      if (place < 0) {
        place = group.due.firstDue(by + 1 - group.base, 0);
        if (place >= from) place = -1;
      }
      if (place >= 0) best = this.#nearer(best, group.members[place]!);
    }
    for (const policyClass of this.#singles) {
      const cost = gate.costToLeave(policyClass);
      if (cost > 0 && this.#roundsFor(policyClass, cost) <= quanta) {
        best = this.#nearer(best, policyClass);
      }
    }
    return best;
  }

  #leastNeeded(gate: ClassGate): number {
    let least = Infinity;
    for (let index = 0; index < this.#open; index++) {
      const group = this.#groups[index]!;
      const from = placeOf(group, this.#cursor);
      const visit = this.#round - group.base;
      const ahead = group.due.leastOf(from, group.members.length) - visit + 1;
      const behind = group.due.leastOf(0, from) - visit;
      least = Math.min(least, ahead, behind);
    }
    for (const policyClass of this.#singles) {
      const cost = gate.costToLeave(policyClass);
      if (cost > 0) least = Math.min(least, this.#roundsFor(policyClass, cost));
    }
    return least;
  }

  /** Single classes up to the winner were visited: in vain, or at last with enough. */
  #payVisited(winner: number, gate: ClassGate): void {
    const distance = this.#distance(winner);
    for (const policyClass of this.#singles) {
      if (this.#distance(policyClass) > distance) continue;
      const cost = gate.costToLeave(policyClass);
      if (cost > 0 && this.#roundsFor(policyClass, cost) > 0) this.#earn(policyClass, 1);
    }
  }

  /**
   * All who may be served earn the same, wherever they stand, and the cursor goes to the winner. The
   * round moves by as much; what that gets wrong is one visit between the cursor and the winner.
   */
  #grantAll(rounds: number, winner: number, gate: ClassGate): void {
    for (const policyClass of this.#singles) {
      if (gate.costToLeave(policyClass) > 0) this.#earn(policyClass, rounds);
    }
    this.#round += rounds;
    for (let index = 0; index < this.#open; index++) {
      const group = this.#groups[index]!;
      const from = placeOf(group, this.#cursor);
      const end = placeOf(group, winner);
      if (winner >= this.#cursor) group.due.shift(from, end, 1);
      else group.due.shift(end, from, -1);
    }
    this.#moveTo(winner);
  }

  #earn(policyClass: number, rounds: number): void {
    this.#tokens[STRIDE * policyClass + DEFICIT] =
      this.#tokens[STRIDE * policyClass + DEFICIT]! + rounds * this.#tokens[STRIDE * policyClass]!;
  }

  #roundsFor(policyClass: number, cost: number): number {
    const missing = cost - this.#tokens[STRIDE * policyClass + DEFICIT]!;
    return missing <= 0 ? 0 : Math.ceil(missing / this.#tokens[STRIDE * policyClass]!);
  }

  /** Quanta that a plain class needs by now. */
  #neededNow(policyClass: number): number {
    const group = this.#group[policyClass]!;
    const due = group.due.get(this.#place[policyClass]!) + group.base;
    return due - visitOf(group, policyClass) + 1;
  }

  /** Afterwards the class stands in no group, with its deficit up to date. */
  #leaveGroup(policyClass: number): void {
    if (this.#state[policyClass] !== PLAIN) return;
    this.#tokens[STRIDE * policyClass + DEFICIT] = this.deficitOf(policyClass);
    this.#group[policyClass]!.due.set(this.#place[policyClass]!, Infinity);
    this.#state[policyClass] = EMPTY;
  }

  #dropSingle(policyClass: number): void {
    this.#singles.splice(this.#singles.indexOf(policyClass), 1);
  }

  #distance(policyClass: number): number {
    const ahead = policyClass - this.#cursor;
    return ahead < 0 ? ahead + this.#classes : ahead;
  }

  #nearer(best: number, policyClass: number): number {
    if (best < 0) return policyClass;
    return this.#distance(policyClass) < this.#distance(best) ? policyClass : best;
  }
}

/** The round in which the class is visited next, as far as its group has kept up. */
function visitOf({ cursor, round }: RingGroup, policyClass: number): number {
  return policyClass < cursor ? round + 1 : round;
}
