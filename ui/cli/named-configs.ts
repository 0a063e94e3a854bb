import { basename, extname } from 'node:path';
import { InputError } from '#core/base/errors.ts';
import type { Variation } from '#sim/compare/grid.ts';

/** A whole config that competes under a name: `--candidate NAME=FILE`. */
export interface NamedConfig {
  readonly name: string;
  readonly file: string;
}

/** Parses `NAME=FILE`, or `FILE` alone, which is named after itself. */
export function parseNamedConfig(text: string): NamedConfig {
  const equals = text.indexOf('=');
  const file = text.slice(equals + 1).trim();
  const name = equals < 0 ? basename(file, extname(file)) : text.slice(0, equals).trim();
  if (name !== '' && file !== '') return { name, file };
  throw new InputError('usage', 'needs a config file', {
    file: '--candidate',
    received: text,
    allowed: 'NAME=FILE or FILE, such as prod=prod.yaml',
  });
}

/** Takes whole configs out of what varies: `--vary config=a.yaml,b.yaml` is `--candidate` for each. */
export function withConfigsNamed(
  variations: readonly Variation[],
  named: readonly NamedConfig[],
): { readonly vary: readonly Variation[]; readonly named: readonly NamedConfig[] } {
  const files = variations.filter(({ path }) => path === 'config');
  return {
    vary: variations.filter((variation) => !files.includes(variation)),
    named: [...named, ...files.flatMap(({ values }) => values.map(parseNamedConfig))],
  };
}

/** Refuses a name that two configs have: the table would not tell them apart. */
export function refuseSameNames(configs: readonly NamedConfig[]): void {
  const names = configs.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice === undefined) return;
  throw new InputError('usage', 'two candidates have one name', {
    file: '--candidate',
    received: twice,
    remedy: 'name each: --candidate NAME=FILE',
  });
}
