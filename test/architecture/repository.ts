import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type SourceText, splitSource } from './source-text.ts';

export const REPOSITORY_ROOT: string = resolve(import.meta.dirname, '..', '..');

/** The folders of the top level that hold our own sources. */
export const TOP_FOLDERS = ['core', 'live', 'native', 'sim', 'test', 'traces', 'ui'] as const;

/** A file of ours, by its path from the root with forward slashes. */
export interface SourceFile extends SourceText {
  readonly path: string;
  readonly isTest: boolean;
}

/** Every file below the rooms of the house, sorted; what is installed or built does not count. */
export function listFiles(): readonly string[] {
  const found: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(REPOSITORY_ROOT, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.name === 'node_modules' || entry.name === '.cache') continue;
      if (entry.isDirectory()) visit(path);
      else found.push(path);
    }
  };
  for (const folder of TOP_FOLDERS) visit(folder);
  return found.sort();
}

/** Every source file, taken apart. */
export function readSources(): readonly SourceFile[] {
  return listFiles()
    .filter((path) => /\.(?:ts|tsx|mjs|js)$/.test(path))
    .map((path) => sourceFile(path, readFileSync(join(REPOSITORY_ROOT, path), 'utf8')));
}

/** A source file from its text; a checker's own test feeds it with snippets. */
export function sourceFile(path: string, raw: string): SourceFile {
  const isTest = path.startsWith('test/') || /\.test\.tsx?$/.test(path);
  return { path, isTest, ...splitSource(raw) };
}
