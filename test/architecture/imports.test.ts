import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findCycle } from './cycles.ts';
import { scanImports } from './import-scan.ts';
import { breaches, targetOf } from './law.ts';
import { REPOSITORY_ROOT, readSources, sourceFile } from './repository.ts';

const sources = readSources();

/** The paths of ours that a file imports. */
function targetsOf(file: (typeof sources)[number]): readonly string[] {
  return scanImports(file)
    .map(({ specifier }) => (specifier === undefined ? undefined : targetOf(file.path, specifier)))
    .filter((target) => target !== undefined);
}

test('every import of every file keeps the law of the house', () => {
  expect(sources.length).toBeGreaterThan(20);
  expect(sources.flatMap(breaches)).toEqual([]);
});

test('every import of ours names a file that exists', () => {
  const missing = sources.flatMap((file) =>
    targetsOf(file)
      .filter((target) => !existsSync(join(REPOSITORY_ROOT, target)))
      .map((target) => `${file.path} → ${target}`),
  );
  expect(missing).toEqual([]);
});

test('no file imports itself, by whatever way round', () => {
  expect(findCycle(new Map(sources.map((file) => [file.path, targetsOf(file)])))).toBeUndefined();
});

test.each([
  ['core/kv/a.ts', "import { x } from '#sim/kernel/events.ts';"],
  ['core/kv/a.ts', "import type { X } from '#sim/kernel/events.ts';"],
  ['core/kv/a.ts', "export { x } from '#traces/batch.ts';"],
  ['core/kv/a.ts', "const x = import('#live/http/server.ts');"],
  ['core/kv/a.ts', "import { x } from '../../sim/kernel/events.ts';"],
  ['core/kv/a.ts', "import { readFileSync } from 'node:fs';"],
  ['core/kv/a.ts', "import { readFileSync } from 'fs';"],
  ['core/kv/a.ts', "import lodash from 'lodash';"],
  ['core/kv/a.ts', "import { x } from '#core/router/router.ts';"],
  ['core/kv/a.ts', "import { x } from '../base/time.ts';"],
  ['core/tokens/a.ts', "import { x } from '#core/kv/events.ts';"],
  ['core/tokens/a.ts', "import { x } from '#core/config/keys.ts';"],
  ['core/base/a.ts', "import { x } from '#core/tokens/u64.ts';"],
  ['core/kv/a.ts', "import '#ui/cli/main.ts';"],
  ['core/kv/a.ts', 'const x = import(name);'],
  ['core/kv/a.test.ts', "import { x } from '#sim/kernel/events.ts';"],
  ['sim/kernel/a.ts', "import { x } from '#live/http/server.ts';"],
  ['sim/kernel/a.ts', "import {\n  x,\n  y,\n} from 'node:worker_threads';"],
  ['traces/a.ts', "import { x } from '#core/router/cost.ts';"],
  ['traces/a.ts', "import { x } from 'node:http';"],
  ['traces/a.ts', "import { x } from 'node:fs';"],
  ['sim/kernel/a.ts', "import { readTraceFile } from '#traces/files.ts';"],
  ['native/a.ts', "import { x } from '#core/base/time.ts';"],
  ['live/a.ts', "import { x } from '#sim/kernel/events.ts';"],
  ['ui/web/a.tsx', "import { x } from '#ui/cli/program.ts';"],
  ['elsewhere/a.ts', ''],
])('canary: the law catches %s with %j', (path, snippet) => {
  expect(breaches(sourceFile(path, snippet))).toHaveLength(1);
});

test.each([
  ['core/kv/a.ts', "import { z } from 'zod';\nimport { x } from '#core/base/time.ts';"],
  ['core/kv/a.ts', "import { x } from './b.ts'; // import { y } from '#sim/a.ts'"],
  ['core/kv/a.ts', 'const text = "import { y } from \'#sim/a.ts\'";'],
  ['core/kv/a.test.ts', "import { test } from 'vitest';\nimport { readFileSync } from 'node:fs';"],
  ['core/router/a.ts', "import { x } from '#core/kv/events.ts';\nimport '#core/tokens/u64.ts';"],
  ['sim/kernel/a.ts', "import { x } from '#traces/batch.ts';"],
  ['live/a.ts', "import { x } from '#sim/public.ts';"],
  [
    'traces/files.ts',
    "import { createReadStream } from 'node:fs';\nimport { x } from './batch.ts';",
  ],
  ['traces/files.test.ts', "import { readTraceFile } from './files.ts';"],
  ['ui/cli/a.ts', "import { x } from '#sim/kernel/events.ts';\nconst y = import(name);"],
])('the law allows %s with %j', (path, snippet) => {
  expect(breaches(sourceFile(path, snippet))).toEqual([]);
});

test('canary: a cycle is found with the way round', () => {
  const imports = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', []],
    ['d', ['b']],
  ]);
  expect(findCycle(imports)).toEqual(['b', 'd', 'b']);
});
