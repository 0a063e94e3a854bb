import { InputError, type Place } from '#core/base/errors.ts';
import type { UserSource } from '#core/base/user-code.ts';
import { isRecord } from '#core/config/key-schema.ts';
import { parseConfigText } from '#core/config/source.ts';
import type { FleetFacts, Selection } from '../../router/policies/pipeline/selection.ts';
import type { PolicyFile } from '../policy-file.ts';
import { readParameters } from './parameters.ts';
import type { Plugin } from './plugin.ts';
import { PLUGIN_TYPES, type PluginType, REFUSED_TYPES } from './plugin-types.ts';
import { type PluginUse, readProfile } from './profile.ts';
import { refuseUnknownKeys, unknownName } from './unknown-name.ts';

const VERSIONS = ['llm-d.ai/v1alpha1', 'llm-d.ai/v1', 'inference.networking.x-k8s.io/v1alpha1'];
const KIND = 'EndpointPickerConfig';

/** Sections that say how facts are gathered or requests are read; the tunnel has both. */
const UNREAD = ['metadata', 'dataLayer', 'parser', 'requestHandler', 'saturationDetector'];
const SECTIONS = ['apiVersion', 'kind', 'plugins', 'schedulingProfiles', 'featureGates', ...UNREAD];

/**
 * Reads an EndpointPickerConfig of llm-d (YAML or JSON) as a selection: the plug-ins of its one
 * profile. Throws with line and path for whatever has no meaning here, see the README.
 */
export function readPickerConfig(text: string, source: UserSource): PolicyFile {
  const { value, place } = parseConfigText(text, source.file);
  const at = (path: string): Place => {
    const line = place.lineOf?.(path);
    return { file: source.file, ...(line === undefined ? {} : { line }), path };
  };
  if (!isRecord(value)) throw bad('not a mapping', at(''), value, 'an EndpointPickerConfig');
  checkHead(value, at);
  const plugins = readPlugins(value.plugins, at);
  const uses = readProfile(value.schedulingProfiles, plugins, at);
  openProfile(uses, { workers: 1, blockSize: 1, kvBlocks: 1 }, at);
  const selection = (fleet: FleetFacts): Selection => openProfile(uses, fleet, at);
  return { selection: { source, selection, checkShape: (made) => made as Selection } };
}

/** The steps of the profile in the order in which the file names them. */
function openProfile(
  uses: readonly PluginUse[],
  fleet: FleetFacts,
  at: (path: string) => Place,
): Selection {
  const steps = uses.map((use) => ({ use, step: use.plugin.open(fleet) }));
  const filters = steps.flatMap(({ step }) => (step.kind === 'filter' ? [step.filter] : []));
  const scorers = steps.flatMap(({ use, step }) =>
    step.kind === 'scorer' ? [{ ...step.scorer, name: use.plugin.name, weight: use.weight }] : [],
  );
  const pickers = steps.filter(({ step }) => step.kind === 'picker');
  if (pickers.length > 1) {
    throw bad('a second picker', at(pickers[1]!.use.path), pickers[1]!.use.plugin.name, 'one');
  }
  const picker = pickers[0]?.step;
  const memories = steps.flatMap(({ step }) =>
    'routed' in step && step.routed ? [step.routed] : [],
  );
  return {
    filters,
    scorers,
    ...(picker?.kind === 'picker' && { picker: picker.picker }),
    ...(memories.length > 0 && {
      routed: (worker, request) => {
        for (const routed of memories) routed(worker, request);
      },
    }),
  };
}

function checkHead(value: Readonly<Record<string, unknown>>, at: (path: string) => Place): void {
  const { apiVersion, kind, featureGates } = value;
  if (kind !== KIND) throw bad('not a policy file', at('kind'), kind, KIND);
  if (!VERSIONS.some((version) => version === apiVersion)) {
    throw bad('bad value', at('apiVersion'), apiVersion, VERSIONS.join(', '));
  }
  refuseUnknownKeys(value, SECTIONS, '', at);
  if (Array.isArray(featureGates) && featureGates.includes('flowControl')) {
    throw new InputError('policy_invalid', 'flowControl has no counterpart here', {
      ...at('featureGates'),
      remedy: 'leave it out; router.router_queue_threshold makes requests wait in the router',
    });
  }
}

function readPlugins(plugins: unknown, at: (path: string) => Place): readonly Plugin[] {
  if (!Array.isArray(plugins)) throw bad('bad value', at('plugins'), plugins, 'a list of plug-ins');
  const found: Plugin[] = [];
  for (const [index, entry] of plugins.entries()) {
    const path = `plugins[${index}]`;
    const plugin = readPlugin(entry, path, at);
    if (found.some(({ name }) => name === plugin.name)) {
      throw bad('the same name twice', at(path), plugin.name, 'a name of its own for each');
    }
    found.push(plugin);
  }
  return found;
}

function readPlugin(entry: unknown, path: string, at: (path: string) => Place): Plugin {
  if (isRecord(entry)) refuseUnknownKeys(entry, ['name', 'type', 'parameters'], path, at);
  if (!isRecord(entry) || typeof entry.type !== 'string') {
    throw bad('bad value', at(path), entry, 'a mapping with a type');
  }
  const { type, name = type, parameters } = entry;
  if (typeof name !== 'string') throw bad('bad value', at(`${path}.name`), name, 'text');
  const known = typeOf(type, at(`${path}.type`));
  const values = readParameters(parameters, known.parameters, { path, at });
  return { name, type, open: (fleet) => known.make(values, fleet) };
}

function typeOf(type: string, where: Place): PluginType {
  const reason = REFUSED_TYPES[type];
  if (reason !== undefined) {
    throw new InputError('policy_invalid', `${type} has no meaning here: ${reason}`, where);
  }
  const known = Object.hasOwn(PLUGIN_TYPES, type) ? PLUGIN_TYPES[type] : undefined;
  if (known !== undefined) return known;
  throw unknownName('unknown plug-in type', type, Object.keys(PLUGIN_TYPES).sort(), where);
}

function bad(problem: string, where: Place, received: unknown, allowed: string): InputError {
  return new InputError('policy_invalid', problem, { ...where, received, allowed });
}
