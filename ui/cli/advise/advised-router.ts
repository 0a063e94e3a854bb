import { basename, dirname, extname } from 'node:path';
import { InputError } from '#core/base/errors.ts';
import { childValue, isRecord } from '#core/config/key-schema.ts';
import { configSchema } from '#core/config/schema.ts';
import { layOver } from '#core/config/set-option.ts';
import { type ConfigPlace, parseConfigText } from '#core/config/source.ts';
import { readConfigText } from '../config-text.ts';
import { withContentsOfFiles } from '../named-files.ts';
import { withPolicy } from '../policy/with-policy.ts';

/** What `--advise policy=…` names. */
export interface AdvisedName {
  readonly name: string;
  /** A file, or the name of a built-in mode. */
  readonly file: string;
}

/** The router section of a policy, and where it stands. */
export interface AdvisedRouter {
  readonly router: unknown;
  readonly place: ConfigPlace;
}

export const ADVISE_FLAG = '--advise';

const PREFIX = 'policy=';
const CONFIGS = ['.yaml', '.yml', '.json'];
const MODES: readonly string[] = configSchema.shape.router.unwrap().shape.mode.unwrap().options;

/** What the policy that serves is called beside the others. */
const CURRENT = 'current';

/** Parses `policy=FILE`; a policy is called after its file. */
export function parseAdvised(text: string): AdvisedName {
  const file = text.startsWith(PREFIX) ? text.slice(PREFIX.length).trim() : '';
  if (file !== '') return { name: basename(file, extname(file)), file };
  throw new InputError('usage', 'needs a policy', {
    file: ADVISE_FLAG,
    received: text,
    allowed: `policy=FILE, a policy file or a config with a router section, or policy=MODE: ${MODES.join(', ')}`,
  });
}

/** Refuses policies that could not be told apart. */
export function refuseSameAdvised(advised: readonly AdvisedName[]): void {
  const names = [CURRENT, ...advised.map(({ name }) => name)];
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice === undefined) return;
  const problem = twice === CURRENT ? 'the policy that serves is called so' : 'two have one name';
  const remedy = 'call the file otherwise: policies bear the names of their files';
  throw new InputError('usage', problem, { file: ADVISE_FLAG, received: twice, remedy });
}

/** Reads the router section that a policy stands for: a mode, a policy file, or that of a config. */
export function readAdvised({ file }: AdvisedName): AdvisedRouter {
  if (MODES.includes(file)) return { router: { mode: file }, place: { file: ADVISE_FLAG } };
  if (!CONFIGS.includes(extname(file))) return policyRouter(file);
  const { value, place } = parseConfigText(readConfigText(file), file);
  if (childValue(value, 'kind') === 'EndpointPickerConfig') return policyRouter(file);
  refuseOtherSections(value, place);
  const { lineOf } = place;
  const ofRouter = (path: string) => (path.startsWith('router') ? lineOf?.(path) : undefined);
  const written = withContentsOfFiles(value, dirname(file));
  const whole = layOver(written, withPolicy([], written));
  return { router: childValue(whole, 'router') ?? {}, place: { file, lineOf: ofRouter } };
}

function policyRouter(file: string): AdvisedRouter {
  const sets = withPolicy([{ path: 'router.policy', value: file, flag: ADVISE_FLAG }], {});
  return { router: childValue(layOver({}, sets), 'router'), place: { file: ADVISE_FLAG } };
}

/** What else a config says has no effect here. */
function refuseOtherSections(value: unknown, { file, lineOf }: ConfigPlace): void {
  const sections = isRecord(value) ? Object.keys(value) : [];
  const other = sections.find((section) => !['version', 'router'].includes(section));
  if (other === undefined && sections.includes('router')) return;
  const line = other === undefined ? undefined : lineOf?.(other);
  throw new InputError(
    'config_invalid',
    other === undefined ? 'it has no router section' : 'has no effect: only the router is flown',
    {
      ...(file !== undefined && { file }),
      ...(line !== undefined && { line }),
      path: other ?? 'router',
      remedy:
        other === undefined
          ? 'write one: router: {mode: round_robin}'
          : 'leave it out; engines and seed are those of the shadow',
    },
  );
}
