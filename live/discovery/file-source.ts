import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { resolveEnginesFile } from '#core/config/serve/engines-file.ts';
import { parseConfigText } from '#core/config/source.ts';
import type { DiscoverySource, Sighting } from './discovery-source.ts';

/** How long a writer may pause in the middle of a file. */
const SETTLE_MS = 100;

export interface FileSourceOptions {
  readonly path: string;
  readonly intervalMs: number;
}

/**
 * The engines that a YAML or JSON file lists. It is read again and again: a file that is replaced by
 * a rename or behind a symbolic link, as Kubernetes mounts them, is not seen by a watch of the file.
 */
export class FileSource implements DiscoverySource {
  readonly origin = 'file';
  readonly place: string;
  readonly #options: FileSourceOptions;

  constructor(options: FileSourceOptions) {
    this.#options = options;
    this.place = options.path;
  }

  async *sightings(signal: AbortSignal): AsyncIterable<Sighting> {
    const { path, intervalMs } = this.#options;
    let before: string | undefined;
    while (!signal.aborted) {
      const { text, sighting } = await lookTwice(path, before, signal);
      if (signal.aborted) return;
      if (text !== before) yield sighting();
      before = text;
      await sleep(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

/**
 * Text that is new counts when two looks agree on it: one that is half written may well be a valid
 * list, of fewer engines.
 */
async function lookTwice(path: string, before: string | undefined, signal: AbortSignal) {
  let seen = await look(path);
  for (;;) {
    if (seen.text === before || signal.aborted) return seen;
    await sleep(SETTLE_MS, undefined, { signal, ref: false }).catch(() => undefined);
    const again = await look(path);
    if (again.text === seen.text) return again;
    seen = again;
  }
}

/** What there is to read, and what it says; a file that is not there is news only once. */
async function look(path: string): Promise<{ text: string; sighting: () => Sighting }> {
  try {
    const text = await readFile(path, 'utf8');
    return { text: `read ${text}`, sighting: () => sightingOf(text, path) };
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    const why = `${path} cannot be read (${code})`;
    return { text: `not read: ${why}`, sighting: () => ({ kind: 'trouble', why }) };
  }
}

function sightingOf(text: string, path: string): Sighting {
  try {
    const { value, place } = parseConfigText(text, path);
    const engines = resolveEnginesFile(value, place).map((entry) => ({ entry }));
    return { kind: 'list', engines, leftOut: [] };
  } catch (error) {
    return { kind: 'trouble', why: error instanceof Error ? error.message : String(error) };
  }
}
