import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { functionSpans } from './function-length.ts';
import { listFiles, REPOSITORY_ROOT, readSources, sourceFile, TOP_FOLDERS } from './repository.ts';

const MAX_FILE_LINES = 500;
const MAX_MEDIAN_LINES = 120;
const MAX_FUNCTION_LINES = 70;

/** What the style guide allows beside the rooms; names that begin with a dot are free. */
const TOP_FILES = [
  'LICENSE',
  'README.md',
  'biome.json',
  'package-lock.json',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
];

const sources = readSources();
const lineCount = (text: string): number => text.split('\n').length - 1;

/** Files under version control; undefined where this is no clone. */
function trackedFiles(): readonly string[] | undefined {
  if (!existsSync(join(REPOSITORY_ROOT, '.git'))) return undefined;
  const listed = execFileSync('git', ['ls-files', '-z'], {
    cwd: REPOSITORY_ROOT,
    encoding: 'utf8',
  });
  return listed.split('\0').filter((path) => path !== '');
}

/** Functions beyond the limit, as "path:line: name has n lines". */
function longFunctions(path: string, raw: string): readonly string[] {
  return functionSpans(sourceFile(path, raw))
    .filter(({ lines }) => lines > MAX_FUNCTION_LINES)
    .map(({ name, line, lines }) => `${path}:${line}: ${name} has ${lines} lines`);
}

test('no file is longer than 500 lines, and half of them are within 120', () => {
  const lengths = sources.map(({ path, raw }) => ({ path, lines: lineCount(raw) }));
  expect(lengths.filter(({ lines }) => lines > MAX_FILE_LINES)).toEqual([]);
  const sorted = lengths.map(({ lines }) => lines).sort((a, b) => a - b);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(MAX_MEDIAN_LINES);
});

test('no function is longer than 70 lines', () => {
  expect(sources.flatMap(({ path, raw }) => longFunctions(path, raw))).toEqual([]);
});

test('every folder with sources in or below it opens with a README', () => {
  const folders = new Set<string>(sources.map(({ path }) => dirname(path)));
  for (const folder of [...folders]) {
    for (let above = dirname(folder); above !== '.'; above = dirname(above)) folders.add(above);
  }
  const without = [...folders].filter(
    (folder) => !existsSync(join(REPOSITORY_ROOT, folder, 'README.md')),
  );
  expect(without.sort()).toEqual([]);
});

test('the top level holds the rooms, the manifest and nothing else', () => {
  const names = new Set((trackedFiles() ?? []).map((path) => path.split('/')[0]!));
  const allowed: readonly string[] = [...TOP_FOLDERS, ...TOP_FILES];
  expect([...names].filter((name) => !name.startsWith('.') && !allowed.includes(name))).toEqual([]);
});

test('nothing mentions the place where it was written', () => {
  const foreign = new RegExp(`(?<![\\w.])/${'work'}/|\\bissue #?\\d|\\b${'sub'}agents?\\b`, 'i');
  const paths = (trackedFiles() ?? listFiles()).filter((path) =>
    /\.(?:ts|tsx|mjs|js|json|md|yaml|yml|css|html)$/.test(path),
  );
  const mentions = paths.flatMap((path) => {
    const match = existsSync(join(REPOSITORY_ROOT, path))
      ? foreign.exec(readFileSync(join(REPOSITORY_ROOT, path), 'utf8'))
      : null;
    return match === null ? [] : [`${path}: ${match[0]}`];
  });
  expect(mentions).toEqual([]);
});

const body = (lines: number): string => '  step();\n'.repeat(lines);

test.each([
  `function f(): void {\n${body(69)}}`,
  `export function f(a: number, b: () => void): { ok: boolean } {\n${body(69)}}`,
  `class A {\n  f(\n    a: number,\n  ): Map<string, number> {\n${body(67)}}\n}`,
  `class A {\n  static async #f() {\n${body(69)}}\n}`,
  `const f = (a: number) => {\n${body(69)}};`,
])('canary: a function of 71 lines is caught (%#)', (snippet) => {
  expect(longFunctions('core/a.ts', snippet)).toHaveLength(1);
  expect(longFunctions('core/a.ts', snippet.replace('  step();\n', ''))).toEqual([]);
});
