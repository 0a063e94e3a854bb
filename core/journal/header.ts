import { z } from 'zod';
import { canonicalJson } from '#core/base/canonical-json.ts';
import { InputError } from '#core/base/errors.ts';
import type { RouterOptions } from '#core/router/options.ts';
import { damageOf, shapeOf } from './damage.ts';
import type { FieldsOf } from './fact-objects.ts';
import { routerOptionsSchema } from './router-options-schema.ts';

/** What the first line of a journal says it is. */
export const JOURNAL_KIND = 'windtunnel.journal';

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

/** The first line as it is written. */
const HEADER = shapeOf(
  z.strictObject({
    kind: z.literal(JOURNAL_KIND),
    version: z.int().min(JOURNAL_VERSION).max(JOURNAL_VERSION),
    program: z.string(),
    seed: z.int(),
    stream: z.string(),
    unit_blocks: z.int().min(1),
    router: routerOptionsSchema,
    config: z.unknown().exactOptional(),
    config_sha256: z.string().exactOptional(),
    pool: z.string().exactOptional(),
    trace: z
      .strictObject({
        path: z.string(),
        sha256: z.string(),
        format: z.string(),
        requests: z.int().min(0),
      } satisfies FieldsOf<JournalTrace>)
      .exactOptional(),
  }),
);

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

/**
 * The header that a first line holds. Throws `journal_invalid` when it is none, by path, and
 * `journal_version_unsupported`, with both versions, when a newer program wrote it.
 */
export function readHeader(value: unknown, file: string): JournalHeader {
  const place = { file, line: 1 };
  const head = isRecord(value) ? value : {};
  if (head.kind !== JOURNAL_KIND) {
    throw noJournal(file);
  }
  const { version, program } = head;
  if (typeof version === 'number' && version > JOURNAL_VERSION) {
    const known = `a journal of version ${version} is newer than version ${JOURNAL_VERSION}, the newest that this program reads`;
    throw new InputError('journal_version_unsupported', known, {
      ...place,
      remedy: `use the program that wrote it (${String(program)}) or a newer one`,
    });
  }
  const damage = damageOf(HEADER, head);
  if (damage !== undefined) {
    const { problem, ...what } = damage;
    throw new InputError('journal_invalid', problem, {
      ...place,
      ...what,
      remedy: 'the first line of the file was changed or damaged',
    });
  }
  const { config, config_sha256: configSha256, trace, unit_blocks: unitBlocks, ...rest } = head;
  return {
    ...(rest as unknown as JournalHeader),
    unitBlocks: Number(unitBlocks),
    ...(config !== undefined && { config }),
    ...(typeof configSha256 === 'string' && { configSha256 }),
    ...(trace !== undefined && { trace: trace as JournalTrace }),
  };
}

/** The error for a file that does not begin as journals do. */
export function noJournal(file: string): InputError {
  return new InputError('journal_invalid', 'this is no journal', {
    file,
    line: 1,
    remedy: 'write one with windtunnel replay TRACE --journal FILE',
  });
}

/** The trailer that a last line holds, or undefined when it is none. */
export function readTrailer(value: unknown): JournalTrailer | undefined {
  if (!isRecord(value) || value.kind !== TRAILER_KIND) return undefined;
  const { facts, decisions, digest } = value;
  if (typeof facts !== 'number' || typeof decisions !== 'number') return undefined;
  return typeof digest === 'string' ? { facts, decisions, digest } : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
