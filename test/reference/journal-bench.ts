import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stderr, stdout } from 'node:process';
import { vi } from 'vitest';
import { createProgram } from '#ui/cli/program.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');

/** The sample that the journals of the tests are of. */
export const CHAT = join(ROOT, 'traces', 'samples', 'chat.jsonl.gz');

const FLEET = ['--num-requests', '300', '--set', 'cluster.workers=4', '--quiet'];

/** What the tests of the verbs about journals share: a folder, runs of the program, a journal. */
export function openJournalBench(name: string) {
  const folder = mkdtempSync(join(tmpdir(), `windtunnel-${name}-`));
  const at = (file: string): string => join(folder, file);

  const plain = (text: string): string =>
    text
      .replaceAll(folder, 'FOLDER')
      .replaceAll(ROOT, 'ROOT')
      .replace(/(?<=config +sha256 )[0-9a-f]{64}/, 'DIGEST')
      .replace(/[\d.]+ s, [\d.,]+ decisions\/s/, 'N s, N decisions/s')
      .replace(/"(wall_s|decisions_per_s)": [\d.e+]+/g, '"$1": 0');

  /** Runs `windtunnel …`; what it wrote, names of folders and times left out. */
  const run = async (...args: readonly string[]): Promise<{ out: string; err: string }> => {
    const written = { out: '', err: '' };
    vi.spyOn(stdout, 'write').mockImplementation((text) => {
      written.out += plain(String(text));
      return true;
    });
    vi.spyOn(stderr, 'write').mockImplementation((text) => {
      written.err += plain(String(text));
      return true;
    });
    await createProgram().parseAsync(args, { from: 'user' });
    return written;
  };

  /** The journal of a short run, written once. */
  const journal = async (file: string): Promise<string> => {
    if (!existsSync(at(file))) await run('replay', CHAT, ...FLEET, '--journal', at(file));
    return at(file);
  };

  const close = (): void => rmSync(folder, { recursive: true, force: true });
  return { folder, at, run, journal, close, fleet: FLEET };
}
