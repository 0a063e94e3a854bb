import { canonicalJson } from '#core/base/canonical-json.ts';
import type { RouterOptions } from '#core/router/options.ts';

/** What the first line of a journal says it is. */
export const JOURNAL_KIND = 'windtunnel.journal';

const BEGINNING = /^\{\s*"kind"\s*:\s*"windtunnel\.journal"/;
/** By so many bytes a journal is told from any other file. */
export const BEGINNING_BYTES = 100;

/** Whether a text begins as a journal does. */
export function beginsAsJournal(text: string): boolean {
  return BEGINNING.test(text);
}

/** What its last line says. */
export const TRAILER_KIND = 'windtunnel.journal.end';

/** The version of the format that is written, and the newest that can be read. */
export const JOURNAL_VERSION = 1;

/** The trace that was flown. */
export interface JournalTrace {
  /** As the user wrote it. */
  readonly path: string;
  /** Of the file's bytes, in hexadecimal. */
  readonly sha256: string;
  readonly format: string;
  readonly requests: number;
}

/** Where the facts of a journal come from. */
export interface JournalOrigin {
  /** Version of the program that wrote it. */
  readonly program: string;
  /** The whole config, for a run that can be flown again from its trace. */
  readonly config?: unknown;
  readonly configSha256?: string;
  readonly trace?: JournalTrace;
  /** Of a run of several pools, the one that the router stands in front of. */
  readonly pool?: string;
}

/** The first line of a journal: all that the decisions depend on besides the facts. */
export interface JournalHeader extends JournalOrigin {
  readonly version: number;
  /** Seed and name of the router's random stream. */
  readonly seed: number;
  readonly stream: string;
  readonly router: RouterOptions;
  /** Blocks that one content id of a node stands for. */
  readonly unitBlocks: number;
}

/** The last line of a whole journal. */
export interface JournalTrailer {
  readonly facts: number;
  readonly decisions: number;
  /** `DecisionDigest` of all decisions. */
  readonly digest: string;
}

/** The header as a line without its end. */
export function headerLine(header: Omit<JournalHeader, 'version'>): string {
  const { program, seed, stream, router, unitBlocks, config, configSha256, trace, pool } = header;
  const names = { unit_blocks: unitBlocks, config_sha256: configSha256 };
  const rest = { program, seed, stream, router, config, trace, pool, ...names };
  return `{"kind":"${JOURNAL_KIND}","version":${JOURNAL_VERSION},${canonicalJson(rest).slice(1)}`;
}

/** The trailer as a line without its end. */
export function trailerLine({ facts, decisions, digest }: JournalTrailer): string {
  return JSON.stringify({ kind: TRAILER_KIND, facts, decisions, digest });
}
