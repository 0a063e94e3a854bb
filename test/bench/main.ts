import { readdirSync } from 'node:fs';
import { argv } from 'node:process';
import { nearestName } from '#core/base/nearest.ts';
import { tuneEngine } from '#ui/cli/tune-engine.ts';

/** What every bench file exports: it measures, prints its figures and says whether they are met. */
type Bench = { readonly run: (args: readonly string[]) => void | Promise<void> };

/** Every file of this folder but the launcher itself is a bench, named as its file. */
function benchNames(): readonly string[] {
  return readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'main.ts')
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
}

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  const names = benchNames();
  if (name === undefined || name === '--help' || name === '-h') {
    console.log(`Usage: npm run bench -- NAME [arguments]\nBenches: ${names.join(', ')}`);
    return 0;
  }
  if (!names.includes(name)) {
    const nearest = nearestName(name, names);
    const meant = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
    console.error(`error: no bench "${name}"; there are: ${names.join(', ')}${meant}`);
    return 2;
  }
  tuneEngine();
  const bench = (await import(`./${name}.ts`)) as Bench;
  await bench.run(rest);
  return Number(process.exitCode ?? 0);
}

process.exitCode = await main(argv.slice(2));
