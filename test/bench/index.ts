import { openStream } from '#core/base/random.ts';
import { OwnershipIndex } from '#core/router/index/ownership.ts';
import { PrefixMatch } from '#core/router/index/prefix-match.ts';
import { PromptPath } from '#core/router/index/prompt-path.ts';
import { RadixIndex } from '#core/router/index/radix/radix-index.ts';

const TARGETS = 1_000;
const PROMPTS_PER_TARGET = 44;
const FAMILIES = 16;
const FAMILY_BLOCKS = 8;
const SESSIONS = 20_000;
const SESSION_BLOCKS = 20;
const PROMPT_BLOCKS = FAMILY_BLOCKS + SESSION_BLOCKS;
const QUERIES = 200_000;
const BLOCK_OPS_PER_S_MIN = 1_000_000;
const MATCH_P99_US_MAX = 20;

/**
 * A fleet of 1,000 targets that hold a million blocks: each prompt is a system prompt of its family,
 * which nearly every target holds, and a session of its own.
 */
interface Workload {
  /** target · PROMPTS_PER_TARGET + i → session; duplicates on one target occur. */
  readonly stored: Int32Array;
  readonly queries: Int32Array;
}

function drawWorkload(): Workload {
  const stream = openStream(42, 'bench/index');
  const draw = () => stream.nextBelow(SESSIONS);
  return {
    stored: Int32Array.from({ length: TARGETS * PROMPTS_PER_TARGET }, draw),
    queries: Int32Array.from({ length: QUERIES }, draw),
  };
}

function familyOf(session: number): number {
  return session % FAMILIES;
}

/** Local (and external) hashes of a session's prompt; paths and hashes are one to one. */
function fillHashes(session: number, hashes: Int32Array): void {
  for (let block = 0; block < FAMILY_BLOCKS; block++) {
    hashes[block] = familyOf(session) * FAMILY_BLOCKS + block;
  }
  const base = FAMILIES * FAMILY_BLOCKS + session * SESSION_BLOCKS;
  for (let block = 0; block < SESSION_BLOCKS; block++) hashes[FAMILY_BLOCKS + block] = base + block;
}

interface Figures {
  readonly blockOpsPerS: number;
  readonly matchP50Us: number;
  readonly matchP99Us: number;
  readonly blocksHeld: number;
}

/** What a bench does with one prompt, and how many blocks the index holds. */
interface IndexUnderTest {
  store(target: number, session: number): void;
  match(session: number): void;
  remove(target: number, session: number): void;
  held(): number;
}

function measure(workload: Workload, index: IndexUnderTest): Figures {
  const { stored, queries } = workload;
  const latencies = new Float64Array(QUERIES);
  const begin = performance.now();
  for (let row = 0; row < stored.length; row++) {
    index.store(Math.floor(row / PROMPTS_PER_TARGET), stored[row]!);
  }
  const storedAt = performance.now();
  const blocksHeld = index.held();
  for (let row = 0; row < QUERIES; row++) {
    const start = performance.now();
    index.match(queries[row]!);
    latencies[row] = performance.now() - start;
  }
  const matchedAt = performance.now();
  for (let row = 0; row < stored.length; row++) {
    index.remove(Math.floor(row / PROMPTS_PER_TARGET), stored[row]!);
  }
  const removedAt = performance.now();
  const stores = (stored.length * PROMPT_BLOCKS) / (storedAt - begin);
  const matches = (QUERIES * PROMPT_BLOCKS) / (matchedAt - storedAt);
  const removes = (stored.length * SESSION_BLOCKS) / (removedAt - matchedAt);
  const toM = (perMs: number) => (perMs / 1000).toFixed(2);
  console.log(
    `    store ${toM(stores)} M/s, match ${toM(matches)} M/s, remove ${toM(removes)} M/s`,
  );
  const blocks = stored.length * (PROMPT_BLOCKS + SESSION_BLOCKS) + QUERIES * PROMPT_BLOCKS;
  latencies.sort();
  return {
    blockOpsPerS: (1000 * blocks) / (removedAt - begin),
    matchP50Us: 1000 * latencies[Math.floor(0.5 * QUERIES)]!,
    matchP99Us: 1000 * latencies[Math.floor(0.99 * QUERIES)]!,
    blocksHeld,
  };
}

function newRadix(): IndexUnderTest {
  const index = new RadixIndex();
  const match = new PrefixMatch();
  const hashes = new Int32Array(PROMPT_BLOCKS);
  return {
    store(target, session) {
      fillHashes(session, hashes);
      index.store(target, -1, hashes, hashes, PROMPT_BLOCKS);
    },
    match(session) {
      fillHashes(session, hashes);
      index.match(hashes, PROMPT_BLOCKS, match);
    },
    remove(target, session) {
      fillHashes(session, hashes);
      index.remove(target, hashes.subarray(FAMILY_BLOCKS), SESSION_BLOCKS);
    },
    held: () => index.namedBlocks,
  };
}

/** The same prompts as extents: a root for each family, a child for each session. */
function newOwnership(): IndexUnderTest {
  const nodes = FAMILIES + SESSIONS;
  const isFamily = (node: number) => node < FAMILIES;
  const forest = {
    parent: Int32Array.from({ length: nodes }, (_, node) => {
      return isFamily(node) ? -1 : familyOf(node - FAMILIES);
    }),
    attach: Int32Array.from({ length: nodes }, (_, node) => (isFamily(node) ? 0 : FAMILY_BLOCKS)),
    length: Int32Array.from({ length: nodes }, (_, node) => {
      return isFamily(node) ? FAMILY_BLOCKS : SESSION_BLOCKS;
    }),
  };
  const index = new OwnershipIndex();
  const match = new PrefixMatch();
  const path = new PromptPath();
  return {
    store(target, session) {
      index.stored(target, familyOf(session), FAMILY_BLOCKS);
      index.stored(target, FAMILIES + session, SESSION_BLOCKS);
    },
    match(session) {
      path.fill(forest, FAMILIES + session, SESSION_BLOCKS);
      index.match(path, match);
    },
    remove(target, session) {
      index.removed(target, FAMILIES + session, 0);
    },
    held() {
      let blocks = 0;
      for (let target = 0; target < TARGETS; target++) blocks += index.blocksOf(target);
      return blocks;
    },
  };
}

function report(name: string, workload: Workload, create: () => IndexUnderTest, runs: number) {
  console.log(`${name}: ${TARGETS} targets, ${QUERIES} matches of ${PROMPT_BLOCKS} blocks`);
  let best: Figures | undefined;
  for (let run = 0; run < runs; run++) {
    const figures = measure(workload, create());
    if (best === undefined || figures.blockOpsPerS > best.blockOpsPerS) best = figures;
  }
  if (best === undefined) return;
  const { blockOpsPerS, matchP50Us, matchP99Us, blocksHeld } = best;
  console.log(
    `  best of ${runs}: ${(blockOpsPerS / 1e6).toFixed(2)} M block ops/s on one core (at least ` +
      `${BLOCK_OPS_PER_S_MIN / 1e6}), match p50 ${matchP50Us.toFixed(1)} µs, p99 ` +
      `${matchP99Us.toFixed(1)} µs (at most ${MATCH_P99_US_MAX}), ${blocksHeld} blocks held`,
  );
  if (blockOpsPerS < BLOCK_OPS_PER_S_MIN || matchP99Us > MATCH_P99_US_MAX) process.exitCode = 1;
}

/** Block operations a second of both prefix indexes, and the latency of a match. */
export function run(args: readonly string[]): void {
  const runs = Math.max(1, Number(args[0] ?? 3));
  const workload = drawWorkload();
  report('block forest', workload, newOwnership, runs);
  report('radix tree', workload, newRadix, runs);
}
