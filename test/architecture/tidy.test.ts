import { expect, test } from 'vitest';
import { unorderedIterations } from './iteration.ts';
import { leftovers } from './leftovers.ts';
import { impurities } from './purity.ts';
import { readSources, sourceFile } from './repository.ts';

const sources = readSources();
const machines = sources.filter(({ path, isTest }) => /^(?:core|sim)\//.test(path) && !isTest);

test('core and sim use nothing ambient: no clock, chance, timer, process, waiting or locale', () => {
  expect(machines.length).toBeGreaterThan(8);
  expect(machines.flatMap(impurities)).toEqual([]);
});

test('core and sim never walk a Map, a Set or the keys of an object unsorted', () => {
  expect(machines.flatMap(unorderedIterations)).toEqual([]);
});

test('nothing is left unfinished, silenced or switched off', () => {
  const config = /vitest\.config\.ts$/;
  expect(sources.filter(({ path }) => !config.test(path)).flatMap(leftovers)).toEqual([]);
});

test.each([
  'const now = Date.now();',
  'const now = new Date();',
  'const t = performance.now();',
  'const x = Math.random();',
  'setTimeout(() => tick(), 1);',
  'queueMicrotask(tick);',
  'const home = process.env.HOME;',
  'console.log(1);',
  'fetch(url);',
  'async function f() {}',
  'function f(): Promise<void> {}',
  'const x = globalThis.foo;',
  'names.sort((a, b) => a.localeCompare(b));',
  ['const label = `at $', '{Date.now()}`;'].join(''),
  'const half = column[row]! / 2;\nconst t = Date.now();\nconst third = x / 3;',
  'const a = b / c; const t = Date.now(); const d = e / f;',
])('canary: impure code is caught: %s', (snippet) => {
  expect(impurities(sourceFile('core/kv/a.ts', snippet))).not.toEqual([]);
});

test.each([
  '// Date.now() is banned here.',
  "const text = 'Math.random() and setTimeout';",
  ['const text = `await $', '{name} Promise`;'].join(''),
  'const pattern = /Date|console/;',
  'const x = options.process;',
  'const update = candidate.date;',
])('pure code passes: %s', (snippet) => {
  expect(impurities(sourceFile('core/kv/a.ts', snippet))).toEqual([]);
});

test.each([
  'const m = new Map<string, number>();\nfor (const [k, v] of m) use(k, v);',
  'const m = new Map<string, number>();\nfor (const k of m.keys()) use(k);',
  'class A {\n  readonly #s: Set<number> = new Set();\n  f() { for (const x of this.#s) use(x); }\n}',
  'function f(m: ReadonlyMap<string, number>) { return [...m.values()]; }',
  'const s = new Set([1]);\nconst list = Array.from(s);',
  'const s = new Set([1]);\nconst list = [1, ...s, 2];',
  'const s = new Set([1]);\ns.forEach(use);',
  'for (const key of Object.keys(o)) use(key);',
  'const sum = Object.values(o).reduce(add);',
  'for (const key in o) use(key);',
  'const kept = Object.entries(o).filter(f);\nreturn kept.map(g);',
])('canary: unordered iteration is caught: %j', (snippet) => {
  expect(unorderedIterations(sourceFile('sim/a.ts', snippet))).toHaveLength(1);
});

test.each([
  'const m = new Map<string, number>();\nfor (const k of [...m.keys()].sort()) use(k);',
  'for (const key of Object.keys(o).sort()) use(key);',
  'const rows = Object.entries(o).toSorted(byKey);',
  'const keys = Object.keys(o)\n  .filter((key) => o[key])\n  .sort();',
  'const copy = Object.fromEntries(Object.entries(o).filter(f));',
  'const kept = Object.entries(o).filter(f);\nreturn Object.fromEntries([...kept, more]);',
  'const s = new Set([1]);\nif (s.has(1)) s.delete(1);',
  'const list: readonly number[] = [];\nfor (const x of list) use(x);',
])('ordered iteration passes: %j', (snippet) => {
  expect(unorderedIterations(sourceFile('sim/a.ts', snippet))).toEqual([]);
});

test.each([
  '// TODO: later',
  '/* FIXME */',
  '// @ts-expect-error',
  '// biome-ignore lint: no',
  'const x: any = 1;',
  'const x = y as any;',
  'const x: Map<string, any> = y;',
  'export default 1;',
  "test.only('x', f);",
  "describe.skip('x', f);",
  "test('x', (context) => context.skip('later'));",
  "test('x', ({ skip }) => skip());",
])('canary: a leftover is caught: %s', (snippet) => {
  expect(leftovers(sourceFile('core/a.ts', snippet))).toHaveLength(1);
});

test('canary: a test is skipped through one function, and its file may hold nothing else', () => {
  const found = (path: string, code: string) => leftovers(sourceFile(path, code));
  expect(found('test/shared.ts', "context.skip('needs x');")).toEqual([]);
  expect(found('test/property/shared.ts', "context.skip('needs x');")).toHaveLength(1);
  expect(found('test/shared.ts', "test.skip('x', f);")).toHaveLength(1);
});

test.each([
  "const text = 'TODO';",
  '// Not any of these.',
  'const any = list.some(f);',
  "test.skipIf(absent)('x', f);",
])('what only looks like a leftover passes: %s', (snippet) => {
  expect(leftovers(sourceFile('core/a.ts', snippet))).toEqual([]);
});
