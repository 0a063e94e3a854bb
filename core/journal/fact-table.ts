import type { Ns } from '#core/base/time.ts';
import type { DecisionLog } from '#core/router/decisions.ts';
import type { BusyThresholds } from '#core/router/eligibility/overload/thresholds.ts';
import type { TargetAttributes } from '#core/router/eligibility/target-attributes.ts';
import type { RouterFacts } from '#core/router/facts.ts';
import { newRouteQuery, type RouteQuery } from '#core/router/query.ts';
import type { OutsideBooking } from '#core/router/replicas/outside-booking.ts';
import type { RouteTerms } from '#core/router/route-terms.ts';
import type { JournalColumn } from './columns.ts';
import { type ObjectShape, shapeOf } from './damage.ts';
import { busyThresholdsSchema, routeTermsSchema, targetAttributesSchema } from './fact-objects.ts';
import type { FactValues } from './fact-values.ts';

/**
 * The columns of a query, in the order in which a journal line holds them. Columns at the end that
 * are at their neutral value (`newRouteQuery`) are left out, so a new column goes to the end: older
 * journals then hold its neutral value.
 */
export const QUERY_COLUMNS: readonly JournalColumn<keyof RouteQuery>[] = [
  { name: 'request', kind: 'request' },
  { name: 'leaf', kind: 'node' },
  { name: 'leafBlocks', kind: 'count' },
  { name: 'totalBlocks', kind: 'count' },
  { name: 'inputTokens', kind: 'count' },
  { name: 'tailBlocks', kind: 'count' },
  { name: 'priority', kind: 'number' },
  { name: 'strictPriority', kind: 'number' },
  { name: 'pinnedTarget', kind: 'target' },
  { name: 'policyClass', kind: 'number' },
  { name: 'session', kind: 'integer' },
  { name: 'terms', kind: 'integer' },
  { name: 'expectedOutputTokens', kind: 'count' },
  { name: 'mayBypass', kind: 'code' },
  { name: 'prefillTokens', kind: 'number' },
  { name: 'prefillRequests', kind: 'integer' },
  { name: 'prefillCachedTokens', kind: 'integer' },
  { name: 'prefillRejected', kind: 'code' },
  { name: 'promisedTokens', kind: 'number' },
  { name: 'promisedRequests', kind: 'number' },
];

/** The columns of a request that another router has sent, in the order of its line. */
export const BOOKING_COLUMNS: readonly JournalColumn<keyof OutsideBooking>[] = [
  { name: 'request', kind: 'request' },
  { name: 'target', kind: 'target' },
  { name: 'leaf', kind: 'node' },
  { name: 'leafBlocks', kind: 'count' },
  { name: 'totalBlocks', kind: 'count' },
  { name: 'tailBlocks', kind: 'count' },
  { name: 'prefillTokens', kind: 'count' },
];

/** The columns of `DecisionLog`; a new one goes to the end, where 0 is neutral. */
export type DecisionColumn = {
  [Name in keyof DecisionLog]: DecisionLog[Name] extends Int32Array | Uint8Array | Float64Array
    ? Name
    : never;
}[keyof DecisionLog];

export const DECISION_COLUMNS: readonly JournalColumn<DecisionColumn>[] = [
  { name: 'request', kind: 'request' },
  { name: 'target', kind: 'target' },
  { name: 'overlapBlocks', kind: 'count' },
  { name: 'bestOverlapBlocks', kind: 'count' },
  { name: 'queued', kind: 'code' },
  { name: 'outcome', kind: 'code' },
  { name: 'verdict', kind: 'code' },
];

/** Columns of a decision that every journal has; further ones are left out where they are neutral. */
export const FIRST_DECISION_COLUMNS = 6;

/** One kind of fact: a method of the router, its letter in a journal line, and its arguments. */
export interface FactKind {
  readonly name: keyof RouterFacts;
  /** One ASCII letter, its own for ever. */
  readonly tag: string;
  readonly columns: readonly JournalColumn[];
  /** The last column may come any number of times. */
  readonly repeats?: true;
  /** An object of this shape stands behind the columns: what the router is told besides numbers. */
  readonly object?: ObjectShape;
  /** Tells the fact to a router. */
  readonly apply: (router: RouterFacts, values: FactValues, nowNs: Ns) => void;
}

const request: JournalColumn = { name: 'request', kind: 'request' };
const target: JournalColumn = { name: 'target', kind: 'target' };
const node: JournalColumn = { name: 'node', kind: 'node' };

const tier: JournalColumn = { name: 'tier', kind: 'tier' };
const TIER_RANGE: readonly JournalColumn[] = [
  tier,
  target,
  node,
  { name: 'from', kind: 'blocks' },
  { name: 'to', kind: 'blocks' },
];

/** Every fact that a router can be told. */
export const FACTS: readonly FactKind[] = [
  {
    name: 'arrive',
    tag: 'a',
    columns: QUERY_COLUMNS,
    apply: (router, values, nowNs) => router.arrive(values.fillQuery(QUERY_COLUMNS), nowNs),
  },
  {
    name: 'bookedElsewhere',
    tag: 'e',
    columns: BOOKING_COLUMNS,
    apply: (router, values, nowNs) =>
      router.bookedElsewhere(values.fillBooking(BOOKING_COLUMNS), nowNs),
  },
  {
    name: 'prefillCompleted',
    tag: 'p',
    columns: [request],
    apply: (router, values, nowNs) => router.prefillCompleted(values.numbers[0]!, nowNs),
  },
  {
    name: 'outputProgress',
    tag: 'o',
    columns: [request, { name: 'generatedTokens', kind: 'count' }],
    apply: (router, { numbers }, nowNs) => router.outputProgress(numbers[0]!, numbers[1]!, nowNs),
  },
  {
    name: 'free',
    tag: 'f',
    columns: [request],
    apply: (router, values, nowNs) => router.free(values.numbers[0]!, nowNs),
  },
  {
    name: 'freeOn',
    tag: 'g',
    columns: [target, request],
    apply: (router, { numbers }, nowNs) => router.freeOn(numbers[0]!, numbers[1]!, nowNs),
  },
  {
    name: 'freeAll',
    tag: 'F',
    columns: [request],
    repeats: true,
    apply: (router, values, nowNs) => router.freeAll(values.fillRows(), values.count, nowNs),
  },
  {
    name: 'stored',
    tag: 's',
    columns: [target, node, { name: 'blocks', kind: 'count' }],
    apply: (router, { numbers }) => router.stored(numbers[0]!, numbers[1]!, numbers[2]!),
  },
  {
    name: 'removed',
    tag: 'r',
    columns: [target, node, { name: 'keep', kind: 'count' }],
    apply: (router, { numbers }) => router.removed(numbers[0]!, numbers[1]!, numbers[2]!),
  },
  {
    name: 'cleared',
    tag: 'c',
    columns: [target],
    apply: (router, { numbers }) => router.cleared(numbers[0]!),
  },
  {
    name: 'tierStored',
    tag: 'T',
    columns: TIER_RANGE,
    apply: (router, { numbers }) =>
      router.tierStored(numbers[0]!, numbers[1]!, numbers[2]!, numbers[3]!, numbers[4]!),
  },
  {
    name: 'tierRemoved',
    tag: 'U',
    columns: TIER_RANGE,
    apply: (router, { numbers }) =>
      router.tierRemoved(numbers[0]!, numbers[1]!, numbers[2]!, numbers[3]!, numbers[4]!),
  },
  {
    name: 'tierCleared',
    tag: 'C',
    columns: [tier, target],
    apply: (router, { numbers }) => router.tierCleared(numbers[0]!, numbers[1]!),
  },
  {
    name: 'freeNode',
    tag: 'x',
    columns: [node],
    apply: (router, { numbers }) => router.freeNode(numbers[0]!),
  },
  {
    name: 'addTarget',
    tag: 'A',
    columns: [target],
    apply: (router, { numbers }, nowNs) => router.addTarget(numbers[0]!, nowNs),
  },
  {
    name: 'removeTarget',
    tag: 'R',
    columns: [target],
    apply: (router, { numbers }, nowNs) => router.removeTarget(numbers[0]!, nowNs),
  },
  {
    name: 'tick',
    tag: 'w',
    columns: [],
    apply: (router, _values, nowNs) => router.tick(nowNs),
  },
  {
    name: 'roomReserved',
    tag: 'V',
    columns: [request],
    apply: (router, { numbers }, nowNs) => router.roomReserved(numbers[0]!, nowNs),
  },
  {
    name: 'remotelyPrefilled',
    tag: 'P',
    columns: [request],
    apply: (router, { numbers }, nowNs) => router.remotelyPrefilled(numbers[0]!, nowNs),
  },
  {
    name: 'handedOver',
    tag: 'H',
    columns: [request],
    apply: (router, { numbers }, nowNs) => router.handedOver(numbers[0]!, nowNs),
  },
  {
    name: 'describeTarget',
    tag: 'D',
    columns: [target],
    object: shapeOf(targetAttributesSchema),
    apply: (router, { numbers, object }, nowNs) =>
      router.describeTarget(numbers[0]!, object as TargetAttributes, nowNs),
  },
  {
    name: 'setAvailable',
    tag: 'v',
    columns: [target, { name: 'available', kind: 'count' }],
    apply: (router, { numbers }, nowNs) =>
      router.setAvailable(numbers[0]!, numbers[1] === 1, nowNs),
  },
  {
    name: 'defineTerms',
    tag: 'm',
    columns: [{ name: 'id', kind: 'request' }],
    object: shapeOf(routeTermsSchema),
    apply: (router, { numbers, object }) => router.defineTerms(numbers[0]!, object as RouteTerms),
  },
  {
    name: 'loadReported',
    tag: 'l',
    columns: [
      target,
      { name: 'prefillTokens', kind: 'integer' },
      { name: 'decodeBlocks', kind: 'integer' },
      { name: 'usedBlocks', kind: 'integer' },
    ],
    apply: (router, { numbers }, nowNs) =>
      router.loadReported(numbers[0]!, numbers[1]!, numbers[2]!, numbers[3]!, nowNs),
  },
  {
    name: 'setBusyThresholds',
    tag: 'b',
    columns: [],
    object: shapeOf(busyThresholdsSchema),
    apply: (router, { object }, nowNs) => router.setBusyThresholds(object as BusyThresholds, nowNs),
  },
];

/** What a journal says besides facts. */
export const NOTE_TAGS = {
  /** Time that has passed since the last such line. */
  time: 't',
  /** A node of the forest as it is from now on: node, parent, attach, length. */
  node: 'n',
  /** What a request asked for that the router is not told. */
  request: 'q',
  /** A session's number and its name. */
  session: 'z',
  /** A tenant's number and its name. */
  tenant: 'y',
  /** A decision that the fact before it led to. */
  decision: 'd',
} as const;

/** The neutral value of each column of a query, in order. */
export const NEUTRAL_QUERY: readonly number[] = QUERY_COLUMNS.map(
  ({ name }) => newRouteQuery()[name],
);
