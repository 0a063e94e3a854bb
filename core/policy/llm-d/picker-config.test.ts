import { expect, test } from 'vitest';
import { InputError } from '#core/base/errors.ts';
import { NOWHERE } from '#test/reference/user-policy.ts';
import type { Selection } from '../../router/policies/pipeline/selection.ts';
import { readPickerConfig } from './picker-config.ts';

const HEAD = ['apiVersion: llm-d.ai/v1alpha1', 'kind: EndpointPickerConfig'];

function read(...lines: readonly string[]): Selection {
  const { selection } = readPickerConfig([...HEAD, ...lines].join('\n'), NOWHERE);
  const open = selection?.selection;
  if (typeof open !== 'function') throw new Error('a selection is made for each run');
  return open({ workers: 4, blockSize: 16, kvBlocks: 100 });
}

function refusalOf(text: string): string {
  try {
    readPickerConfig(text, NOWHERE);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).message.replace(/^policy\.ts:/, '');
  }
  return 'accepted';
}

test('the plug-ins of the profile, by their weights and in its order', () => {
  const selection = read(
    'plugins:',
    '- type: queue-scorer',
    '- name: prefix',
    '  type: precise-prefix-cache-scorer',
    '  parameters: { tokenProcessorConfig: { blockSize: 64 }, speculativeIndexing: true }',
    '- type: decode-filter',
    '- type: prefix-cache-affinity-filter',
    '- type: weighted-random-picker',
    '- type: single-profile-handler',
    '- type: random-picker',
    'schedulingProfiles:',
    '- name: default',
    '  plugins:',
    '  - pluginRef: decode-filter',
    '  - pluginRef: prefix',
    '    weight: 3.5',
    '  - pluginRef: queue-scorer',
    '  - pluginRef: prefix-cache-affinity-filter',
    '  - pluginRef: weighted-random-picker',
  );
  expect(selection.scorers?.map(({ name, weight }) => [name, weight])).toEqual([
    ['prefix', 3.5],
    ['queue-scorer', 1],
  ]);
  expect(selection.filters).toHaveLength(1);
  expect(selection.picker).toEqual({ kind: 'weighted-random' });
  expect(selection.routed).toBeUndefined();
});

test('without a profile all plug-ins are used, and each run remembers for itself', () => {
  const lines = ['plugins:', '- type: session-affinity-scorer', '- type: no-hit-lru-scorer'];
  const [first, second] = [read(...lines), read(...lines)];
  expect(first.scorers?.map(({ name }) => name)).toEqual([
    'session-affinity-scorer',
    'no-hit-lru-scorer',
  ]);
  expect(first.picker).toBeUndefined();
  expect(first.routed).toBeDefined();
  expect(first.scorers?.[0]).not.toBe(second.scorers?.[0]);
});

const PLUGINS = ['plugins:', '- type: queue-scorer', '- type: max-score-picker'];

function file(...lines: readonly string[]): string {
  return [...HEAD, ...lines].join('\n');
}

test.each<[string, string, string]>([
  ['is no YAML', 'a: [', '1: not valid YAML: '],
  [
    'is another kind',
    'kind: ConfigMap',
    '1: kind: not a policy file; received "ConfigMap"; allowed: EndpointPickerConfig',
  ],
  [
    'has an unknown version',
    'kind: EndpointPickerConfig\napiVersion: v9',
    '2: apiVersion: bad value; received "v9"; allowed: llm-d.ai/v1alpha1, llm-d.ai/v1, inference.networking.x-k8s.io/v1alpha1',
  ],
  [
    'has an unknown section',
    file(...PLUGINS, 'schedulingProfile: []'),
    '6: schedulingProfile: unknown key; received "schedulingProfile"; allowed: apiVersion, kind, plugins, schedulingProfiles, featureGates, metadata, dataLayer, parser, requestHandler, saturationDetector; did you mean "schedulingProfiles"?',
  ],
  [
    'has no plug-ins',
    file(),
    ' plugins: bad value; received undefined; allowed: a list of plug-ins',
  ],
  [
    'has a misspelt type',
    file('plugins:', '- type: max-score-picker', '- type: que-scorer'),
    '5: plugins[1].type: unknown plug-in type; received "que-scorer"; allowed: active-request-scorer, ',
  ],
  [
    'needs what is not there',
    file('plugins:', '- type: pd-profile-handler'),
    '4: plugins[0].type: pd-profile-handler has no meaning here: it needs workers that only prefill, and there are none',
  ],
  [
    'has an unknown parameter',
    file('plugins:', '- type: load-aware-scorer', '  parameters:', '    treshold: 12'),
    '6: plugins[0].parameters.treshold: unknown parameter; allowed: threshold; did you mean "threshold"?',
  ],
  [
    'has a bad parameter',
    file('plugins:', '- type: load-aware-scorer', '  parameters: { threshold: 0 }'),
    '5: plugins[0].parameters.threshold: bad value; received 0; allowed: a whole number from 1 up',
  ],
  [
    'names a plug-in twice',
    file('plugins:', '- type: queue-scorer', '- type: queue-scorer'),
    '5: plugins[1]: the same name twice; received "queue-scorer"; allowed: a name of its own for each',
  ],
  [
    'refers to nothing',
    file(...PLUGINS, 'schedulingProfiles:', '- plugins:', '  - pluginRef: queue-score'),
    '8: schedulingProfiles[0].plugins[0].pluginRef: no such plug-in; received "queue-score"; allowed: queue-scorer, max-score-picker; did you mean "queue-scorer"?',
  ],
  [
    'has a bad weight',
    file(
      ...PLUGINS,
      'schedulingProfiles:',
      '- plugins:',
      '  - pluginRef: queue-scorer',
      '    weight: -1',
    ),
    '9: schedulingProfiles[0].plugins[0].weight: bad value; received -1; allowed: a number from 0 up',
  ],
  [
    'misspells the weight of a use',
    file(
      ...PLUGINS,
      'schedulingProfiles:',
      '- plugins:',
      '  - pluginRef: queue-scorer',
      '    wieght: 3',
    ),
    '9: schedulingProfiles[0].plugins[0].wieght: unknown key; received "wieght"; allowed: pluginRef, weight; did you mean "weight"?',
  ],
  [
    'misspells the reference of a use',
    file(...PLUGINS, 'schedulingProfiles:', '- plugins:', '  - pluginref: queue-scorer'),
    '8: schedulingProfiles[0].plugins[0].pluginref: unknown key; received "pluginref"; allowed: pluginRef, weight; did you mean "pluginRef"?',
  ],
  [
    'misspells the plug-ins of a profile',
    file(...PLUGINS, 'schedulingProfiles:', '- plugin:', '  - pluginRef: queue-scorer'),
    '7: schedulingProfiles[0].plugin: unknown key; received "plugin"; allowed: name, plugins; did you mean "plugins"?',
  ],
  [
    'misspells the type of a plug-in',
    file('plugins:', '- tpye: queue-scorer'),
    '4: plugins[0].tpye: unknown key; received "tpye"; allowed: name, type, parameters; did you mean "type"?',
  ],
  [
    'has several profiles',
    file(
      ...PLUGINS,
      'schedulingProfiles:',
      '- { name: prefill, plugins: [] }',
      '- { name: decode, plugins: [] }',
    ),
    '8: schedulingProfiles[1]: several profiles; allowed: one: a second one is for workers that only prefill, and there are none',
  ],
  [
    'has two pickers',
    file('plugins:', '- type: max-score-picker', '- type: random-picker'),
    '3: plugins: a second picker; received "random-picker"; allowed: one',
  ],
  [
    'wants flow control',
    file(...PLUGINS, 'featureGates: [flowControl]'),
    '6: featureGates: flowControl has no counterpart here; leave it out; router.router_queue_threshold makes requests wait in the router',
  ],
])('a file that %s is refused at its line', (_name, text, message) => {
  expect(refusalOf(text).slice(0, message.length)).toBe(message);
});
