import { TraceBatch } from '#traces/batch.ts';
import type { TraceClient } from '#traces/client.ts';
import type { TraceMedia } from '#traces/media.ts';
import { StartRule, Trigger } from '#traces/predecessors.ts';
import type { TraceRouting } from '#traces/routing.ts';

/** A request of a trace written by hand. */
export interface HandRow {
  /** Time on the trace's clock; absent for a later turn that has a delay. */
  readonly atMs?: number;
  readonly input: number;
  readonly output: number;
  /** Names of its trace blocks. */
  readonly ids?: readonly number[];
  readonly session?: string;
  readonly tenant?: string;
  readonly policyClass?: string;
  readonly priority?: number;
  readonly routing?: TraceRouting;
  readonly client?: TraceClient;
  /** Images and the like, by their content. */
  readonly media?: TraceMedia;
  readonly delayMs?: number;
  readonly name?: string;
  /** Requests that it waits for instead of the turn before; empty = none at all. */
  readonly after?: readonly HandPredecessor[];
}

export interface HandPredecessor {
  readonly name: string;
  readonly delayMs: number;
  /** Its start, not its end, is what counts. */
  readonly start?: boolean;
}

/** The trace that `run` takes. */
export interface HandTrace {
  readonly batches: readonly TraceBatch[];
  readonly hasContent: boolean;
  readonly sessions: number;
}

/** Makes a trace of rows; with ids on any row, its prompts have content. */
export function traceOf(rows: readonly HandRow[]): HandTrace {
  const batch = new TraceBatch();
  for (const [index, hand] of rows.entries()) {
    const row = batch.append(index + 1, hand.input, hand.output);
    batch.timestampMs[row] = hand.atMs ?? Number.NaN;
    batch.delayMs[row] = hand.delayMs ?? Number.NaN;
    batch.sessionId[row] = hand.session;
    batch.tenantId[row] = hand.tenant;
    batch.requestId[row] = hand.name;
    if (hand.after !== undefined) batch.predecessors.rule[row] = StartRule.graph;
    for (const { name, delayMs, start = false } of hand.after ?? []) {
      batch.predecessors.append(row, name, start ? Trigger.start : Trigger.end, delayMs);
    }
    batch.policyClass[row] = hand.policyClass;
    batch.priority[row] = hand.priority ?? 0;
    batch.routing[row] = hand.routing;
    batch.client[row] = hand.client;
    batch.media[row] = hand.media;
    for (const id of hand.ids ?? []) batch.appendHashId(id);
  }
  const inSessions = rows.filter((row) => row.session !== undefined || row.after !== undefined);
  const sessions = new Set(inSessions.map(({ session = '' }) => session));
  return {
    batches: [batch],
    hasContent: rows.some(({ ids }) => ids !== undefined),
    sessions: sessions.size,
  };
}
