import type { HindsightChoice } from '#sim/oracle/hindsight.ts';
import type { Ceilings } from '#sim/oracle/oracle.ts';
import { formatCount, formatQuantity, formatRatio } from '#sim/report/format.ts';
import { renderAligned } from '#sim/report/text-table.ts';

/** The ceilings of a trace under a config, with the run that they stand beside. */
export interface Oracle {
  readonly path: string;
  readonly mode: string;
  readonly seed: number;
  readonly ceilings: Ceilings;
  /** Empty unless asked for. */
  readonly choices: readonly HindsightChoice[];
}

/** The ceilings for scripts. */
export function oracleJson({ path, mode, seed, ceilings, choices }: Oracle): unknown {
  return {
    version: 1,
    trace: path,
    mode,
    seed,
    requests: ceilings.requests,
    workers: ceilings.workers,
    block_size: ceilings.blockSize,
    cache_blocks_per_worker: ceilings.cacheBlocks,
    prompt_blocks: ceilings.promptBlocks,
    distinct_blocks: ceilings.distinctBlocks,
    reused_blocks: {
      infinite_cache: ceilings.infiniteCache,
      belady: ceilings.belady,
      greedy_placement: ceilings.greedyPlacement,
      run: ceilings.run,
    },
    ...(choices.length > 0 && {
      hindsight: choices.map(({ request, worker, bestWorker, ttftMs, bestTtftMs }) => ({
        request,
        worker: { run: worker, best: bestWorker },
        ttft_ms: { run: ttftMs, best: bestTtftMs },
      })),
    }),
  };
}

/** The ceilings for people. */
export function oracleLines(oracle: Oracle): string[] {
  const { path, mode, seed, ceilings } = oracle;
  const { requests, workers, cacheBlocks, blockSize, promptBlocks } = ceilings;
  const ceiling = Math.max(1, ceilings.infiniteCache);
  const row = (name: string, blocks: number): string[] => [
    `  ${name}`,
    formatCount(blocks),
    promptBlocks === 0 ? '–' : formatRatio(blocks / promptBlocks),
    formatRatio(blocks / ceiling),
  ];
  return [
    `${path}: ${formatCount(requests)} requests, ${formatCount(workers)} workers with ${formatCount(cacheBlocks)} blocks of ${formatCount(blockSize)} tokens`,
    '',
    ...renderAligned({
      header: ['Prefix reuse', 'blocks', 'of prompts', 'of ceiling'],
      rows: [
        row('infinite cache', ceilings.infiniteCache),
        row(`Belady, one cache of ${formatCount(workers * cacheBlocks)} blocks`, ceilings.belady),
        row('greedy placement, LRU on each worker', ceilings.greedyPlacement),
        row(`this run (${mode}, seed ${seed})`, ceilings.run),
      ],
    }),
    `  ${formatCount(promptBlocks)} full blocks in the prompts, ${formatCount(ceilings.distinctBlocks)} of them different`,
    '  a report counts reuse in input tokens instead, partly filled blocks included',
    ...hindsightLines(oracle.choices),
  ];
}

/** What the best single placement would have saved each sampled request. */
function hindsightLines(choices: readonly HindsightChoice[]): string[] {
  if (choices.length === 0) return [];
  const mean = (of: (choice: HindsightChoice) => number): number =>
    choices.reduce((sum, choice) => sum + of(choice), 0) / choices.length;
  const best = choices.filter(({ worker, bestWorker }) => worker === bestWorker).length;
  const [run, could] = [mean(({ ttftMs }) => ttftMs), mean(({ bestTtftMs }) => bestTtftMs)];
  const rows = choices.map(({ request, worker, bestWorker, ttftMs, bestTtftMs }) => [
    `  request ${formatCount(request)}`,
    worker === bestWorker ? `${worker}` : `${worker} → ${bestWorker}`,
    formatQuantity(ttftMs),
    formatQuantity(bestTtftMs),
    ttftMs === bestTtftMs ? '0' : `−${formatQuantity(ttftMs - bestTtftMs)}`,
  ]);
  return [
    '',
    ...renderAligned({
      header: ['Best single placement', 'worker', 'TTFT (ms)', 'best', 'saved'],
      rows: [
        ...rows,
        [
          '  mean',
          '',
          formatQuantity(run),
          formatQuantity(could),
          `−${formatQuantity(run - could)}`,
        ],
      ],
    }),
    `  ${formatCount(best)} of ${formatCount(choices.length)} requests went where their TTFT is least`,
  ];
}
