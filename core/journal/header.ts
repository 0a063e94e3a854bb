import { z } from 'zod';
import { InputError } from '#core/base/errors.ts';
import { damageOf, shapeOf } from './damage.ts';
import type { FieldsOf } from './fact-objects.ts';
import {
  JOURNAL_KIND,
  JOURNAL_VERSION,
  type JournalHeader,
  type JournalTrace,
  type JournalTrailer,
  TRAILER_KIND,
} from './header-lines.ts';
import { routerOptionsSchema } from './router-options-schema.ts';

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
