import { dirname, resolve } from 'node:path';
import { resolveServe } from '#core/config/serve/resolve-serve.ts';
import { SERVE_KEYS } from '#core/config/serve/serve-keys.ts';
import type { ServeConfig } from '#core/config/serve/serve-schema.ts';
import { layOver, type SetOption, within } from '#core/config/set-option.ts';
import { type ConfigPlace, parseConfigText } from '#core/config/source.ts';
import type { PolicyFile } from '#core/policy/policy-file.ts';
import { readConfigText } from './config-text.ts';
import { withContentsOfFiles, withFileContents } from './named-files.ts';
import { packageVersion } from './package-paths.ts';
import { policiesOf, withPolicy } from './policy/with-policy.ts';

/** What `serve.yaml` says, with the files that it names. */
export interface ReadServeConfig {
  readonly options: {
    readonly config: ServeConfig;
    readonly program: string;
    readonly policies?: PolicyFile;
  };
  /** What its relative paths start from. */
  readonly folder: string;
}

/** Reads `serve.yaml` and lays the `--set` options over it. Throws as `resolveServe` does. */
export function readServeConfig(file: string, sets: readonly SetOption[]): ReadServeConfig {
  const { value, place } = parseConfigText(readConfigText(file), file);
  const folder = dirname(file);
  const written = withContentsOfFiles(value, folder);
  const all = withFileContents(withPolicy(sets.map(fromHere), written));
  const config = resolveServe(layOver(written, all), placeWith(all, place));
  const policies = policiesOf(config.run);
  const options = { config, program: packageVersion(), ...(policies && { policies }) };
  return { options, folder };
}

/** Paths of the command line start where the program runs, those of a file beside it. */
function fromHere(set: SetOption): SetOption {
  const names = set.path === 'journal.path' && typeof set.value === 'string';
  return names ? { ...set, value: resolve(set.value) } : set;
}

/** The JSON Schema of `serve.yaml` as a file for editors. */
export function serveSchemaText(): string {
  return `${JSON.stringify(SERVE_KEYS.top, undefined, 2)}\n`;
}

/** What a flag has written stands on no line of the file. */
function placeWith(sets: readonly SetOption[], place: ConfigPlace): ConfigPlace {
  const { lineOf } = place;
  const isSet = (path: string): boolean =>
    sets.some((set) => set.path === path || within(path, set.path));
  return {
    ...place,
    ...(lineOf && { lineOf: (path) => (isSet(path) ? undefined : lineOf(path)) }),
  };
}
