import type { LoadNames } from './load-names.ts';
import { type MetricSample, parseMetrics } from './prometheus-text.ts';

/** What an engine says of one of its ranks; what it does not say is absent. */
export interface RankLoad {
  readonly rank: number;
  readonly runningRequests?: number;
  readonly waitingRequests?: number;
  /** 0 … 1. */
  readonly kvUsage?: number;
}

/** KV blocks of a rank. */
export interface BlockCapacity {
  readonly blockSize?: number;
  readonly numGpuBlocks?: number;
}

/** What a scrape of an engine says. */
export interface EngineReport {
  readonly ranks: readonly RankLoad[];
  readonly capacity: BlockCapacity;
}

/** Reads load and capacity of an engine out of the text of its metrics. */
export function readEngineReport(text: string, names: LoadNames): EngineReport {
  const { capacity } = names;
  const asked = [...names.running, ...names.waiting, ...names.kvUsage];
  const wanted = new Set([
    ...asked,
    ...(capacity.info === undefined ? [capacity.blockSize, capacity.blocks] : [capacity.info]),
  ]);
  const { samples } = parseMetrics(text, wanted);
  const loads = new Map<number, { -readonly [key in keyof RankLoad]: RankLoad[key] }>();
  const take = (
    aliases: readonly string[],
    key: 'runningRequests' | 'waitingRequests' | 'kvUsage',
  ): void => {
    for (const { labels, value } of firstNamed(samples, aliases)) {
      if (!Number.isFinite(value) || value < 0) continue;
      const rank = rankOf(labels, names.rankLabel);
      const load = loads.get(rank) ?? { rank };
      load[key] = key === 'kvUsage' ? Math.min(1, value) : (load[key] ?? 0) + value;
      loads.set(rank, load);
    }
  };
  take(names.running, 'runningRequests');
  take(names.waiting, 'waitingRequests');
  take(names.kvUsage, 'kvUsage');
  const ranks = [...loads.values()].sort((a, b) => a.rank - b.rank);
  return { ranks, capacity: capacityOf(samples, names) };
}

function firstNamed(
  samples: readonly MetricSample[],
  names: readonly string[],
): readonly MetricSample[] {
  for (const name of names) {
    const found = samples.filter((sample) => sample.name === name);
    if (found.length > 0) return found;
  }
  return [];
}

function rankOf(labels: MetricSample['labels'], rankLabel: string | undefined): number {
  const rank = rankLabel === undefined ? 0 : Number(labels[rankLabel] ?? 0);
  return Number.isInteger(rank) && rank >= 0 ? rank : 0;
}

function capacityOf(samples: readonly MetricSample[], { capacity }: LoadNames): BlockCapacity {
  const number = (name: string): number | undefined => {
    const text =
      capacity.info === undefined
        ? samples.find((sample) => sample.name === name)?.value
        : samples.find((sample) => sample.name === capacity.info)?.labels[name];
    const value = Number(text ?? Number.NaN);
    return Number.isInteger(value) && value > 0 ? value : undefined;
  };
  const blockSize = number(capacity.blockSize);
  const numGpuBlocks = number(capacity.blocks);
  return {
    ...(blockSize !== undefined && { blockSize }),
    ...(numGpuBlocks !== undefined && { numGpuBlocks }),
  };
}
