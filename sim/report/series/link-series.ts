import { NS_PER_MS, NS_PER_S } from '#core/base/time.ts';
import type { LinkOutcome } from '../../cluster/network/link-outcome.ts';
import type { Timeline } from '../../cluster/timeline.ts';
import { type DataTable, numberColumn } from '../data-table.ts';
import type { RunResult } from '../run-result.ts';
import { stepSeconds } from './steps.ts';

/**
 * The links that anything has crossed, step by step: one row a step and link, in that order. A rate
 * is the mean of the step. Undefined where transfers share no links.
 */
export function linkSeries({ links }: RunResult, timeline: Timeline): DataTable | undefined {
  if (links === undefined) return undefined;
  const shown = crossedLinks(links);
  const seconds = stepSeconds(timeline);
  const toMs: number[] = [];
  const names: string[] = [];
  const rates: number[] = [];
  const ratios: number[] = [];
  for (const [step, span] of seconds.entries()) {
    for (const link of shown) {
      const { name, capacity } = links[link]!;
      const rate = gained(timeline, step, link) / (span * NS_PER_S);
      toMs.push(timeline.timeNs[step]! / NS_PER_MS);
      names.push(name);
      rates.push(rate);
      ratios.push(rate / capacity);
    }
  }
  return [
    numberColumn('to_ms', 'double', toMs),
    { name: 'link', kind: 'string', values: names },
    numberColumn('gb_s', 'double', rates),
    numberColumn('used_ratio', 'double', ratios),
  ];
}

/** The links whose counters are worth drawing: those that anything has crossed, by number. */
export function crossedLinks(links: readonly LinkOutcome[] = []): readonly number[] {
  return [...links.keys()].filter((link) => links[link]!.bytes > 0);
}

/** Bytes that crossed a link within a step. */
function gained({ linkBytes, links }: Timeline, step: number, link: number): number {
  const cell = step * links + link;
  return linkBytes[cell]! - (step === 0 ? 0 : linkBytes[cell - links]!);
}
