import { dirname, resolve } from 'node:path';
import { InputError } from '#core/base/errors.ts';
import { isRecord, keysOf } from '#core/config/key-schema.ts';
import { resolveServe } from '#core/config/serve/resolve-serve.ts';
import { SERVE_KEYS } from '#core/config/serve/serve-keys.ts';
import type { ServeConfig } from '#core/config/serve/serve-schema.ts';
import { layOver, type SetOption, within } from '#core/config/set-option.ts';
import { type ConfigPlace, parseConfigText } from '#core/config/source.ts';
import type { PolicyFile } from '#core/policy/policy-file.ts';
import type { AdviseFiles } from '#live/shadow/open-shadow.ts';
import { type AdvisedName, readAdvised, refuseSameAdvised } from './advise/advised-router.ts';
import { configKind } from './config-kind.ts';
import { readConfigText } from './config-text.ts';
import { withContentsOfFiles, withFileContents } from './named-files.ts';
import { packageVersion } from './package-paths.ts';
import { policiesOf, withPolicy } from './policy/with-policy.ts';
import { programName } from './repeat-command.ts';

/** What `serve.yaml` says, with the files that it names. */
export interface ReadServeConfig {
  readonly options: {
    readonly config: ServeConfig;
    readonly program: string;
    readonly policies?: PolicyFile;
    readonly advise?: AdviseFiles;
  };
  /** What its relative paths start from. */
  readonly folder: string;
}

/** What the command line says of the shadow. */
export interface ShadowFlags {
  readonly shadow?: boolean;
  /** Policies to be flown in it, which needs it. */
  readonly advise?: readonly AdvisedName[];
}

/**
 * Reads `serve.yaml` and lays the `--set` options over it, and the shadow where a flag asks for it.
 * Throws as `resolveServe` does, and for the config of a run.
 */
export function readServeConfig(
  file: string,
  sets: readonly SetOption[],
  { shadow = false, advise = [] }: ShadowFlags = {},
): ReadServeConfig {
  const { value, place } = parseConfigText(readConfigText(file), file);
  if (configKind(value) === 'run') throw ofRun(file);
  const folder = dirname(file);
  const written = withContentsOfFiles(value, folder);
  const all = withFileContents(withPolicy(sets.map(fromHere), written));
  const laid = layOver(written, all);
  const isAsked = shadow || advise.length > 0;
  const whole = isAsked && isRecord(laid) ? { ...laid, shadow: laid.shadow ?? {} } : laid;
  const config = resolveServe(whole, placeWith(all, place));
  const policies = policiesOf(config.run);
  const options = { config, program: packageVersion(), ...(policies && { policies }) };
  if (advise.length === 0) return { options, folder };
  return { options: { ...options, advise: adviseFiles(whole, advise) }, folder };
}

function ofRun(file: string): InputError {
  return new InputError('config_invalid', 'this is the config of a run, not of a live router', {
    file,
    allowed: keysOf(SERVE_KEYS.top).join(', '),
    remedy: `${programName()} serve --help shows one`,
  });
}

/** The live router with each of the other policies, as far as that can be. */
function adviseFiles(whole: unknown, advised: readonly AdvisedName[]): AdviseFiles {
  refuseSameAdvised(advised);
  const policies = advised.map((one) => {
    const { router, place } = readAdvised(one);
    const config = resolveServe({ ...(whole as object), router }, place);
    return { ...one, config };
  });
  return { thread: adviseThread(), policies };
}

/** The thread's file lies in the repository, or beside the bundle that this file is part of. */
function adviseThread(): URL {
  const isSource = import.meta.filename.endsWith('.ts');
  return new URL(isSource ? 'advise/advise-thread.ts' : 'advise-thread.js', import.meta.url);
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
