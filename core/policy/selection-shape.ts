import type { UserSource } from '#core/base/user-code.ts';
import { isRecord } from '#core/config/key-schema.ts';
import type { Selection } from '../router/policies/pipeline/selection.ts';
import { badShape, checkFunction, checkName, refuseUnknownKeys } from './shape.ts';

const KEYS = ['filters', 'scorers', 'picker', 'inputs', 'routed'];
const PICKER_KINDS = ['max-score', 'random', 'weighted-random', 'softmax'];
const INPUTS = ['cache', 'load'];

/** Gives a selection of the right shape back; throws `policy_invalid` for any other value. */
export function checkSelection(selection: unknown, source: UserSource): Selection {
  if (!isRecord(selection)) {
    throw badShape(source, 'selection', selection, `an object with ${KEYS.join(', ')}`);
  }
  refuseUnknownKeys(source, 'selection', selection, KEYS);
  const { filters, scorers, picker, inputs } = selection;
  if (filters === undefined && scorers === undefined && picker === undefined) {
    throw badShape(source, 'selection', selection, 'filters, scorers or a picker');
  }
  for (const [index, filter] of listOf(source, 'filters', filters).entries()) {
    checkStep(source, `selection.filters[${index}]`, filter, ['keep', 'keepAll'], []);
  }
  for (const [index, scorer] of listOf(source, 'scorers', scorers).entries()) {
    const path = `selection.scorers[${index}]`;
    checkStep(source, path, scorer, ['score', 'scoreAll'], ['weight']);
    checkWeight(source, path, scorer);
  }
  if (picker !== undefined) checkPicker(source, picker);
  for (const input of listOf(source, 'inputs', inputs)) {
    if (INPUTS.some((known) => known === input)) continue;
    throw badShape(source, 'selection.inputs', input, INPUTS.join(', '));
  }
  checkFunction(source, 'selection', selection, 'routed', 'a function of (worker, request)');
  return selection as Selection;
}

function listOf(source: UserSource, key: string, value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw badShape(source, `selection.${key}`, value, 'a list');
}

/** A filter or a scorer: exactly one of its two functions. */
function checkStep(
  source: UserSource,
  path: string,
  step: unknown,
  methods: readonly [string, string],
  further: readonly string[],
): void {
  const [each, all] = methods;
  const one = `either ${each} or ${all}, a function`;
  if (!isRecord(step)) throw badShape(source, path, step, `an object with ${one}`);
  refuseUnknownKeys(source, path, step, ['name', each, all, ...further]);
  checkName(source, path, step.name);
  checkFunction(source, path, step, each, 'a function of (candidate, request)');
  checkFunction(source, path, step, all, 'a function of (candidates, request, random)');
  const given = methods.filter((method) => step[method] !== undefined);
  if (given.length !== 1) throw badShape(source, path, given.join(' and ') || 'neither', one);
}

function checkWeight(source: UserSource, path: string, scorer: unknown): void {
  const weight = isRecord(scorer) ? scorer.weight : undefined;
  if (weight === undefined || Number.isFinite(weight)) return;
  throw badShape(source, `${path}.weight`, weight, 'a finite number');
}

function checkPicker(source: UserSource, picker: unknown): void {
  const path = 'selection.picker';
  const kinds = PICKER_KINDS.map((kind) => `{ kind: '${kind}' }`).join(', ');
  if (!isRecord(picker)) throw badShape(source, path, picker, `${kinds}, or { pick }`);
  if (picker.kind === undefined) {
    refuseUnknownKeys(source, path, picker, ['name', 'pick']);
    checkName(source, path, picker.name);
    if (typeof picker.pick === 'function') return;
    throw badShape(source, `${path}.pick`, picker.pick, 'a function of (candidates, scores, …)');
  }
  if (!PICKER_KINDS.some((kind) => kind === picker.kind)) {
    throw badShape(source, `${path}.kind`, picker.kind, PICKER_KINDS.join(', '));
  }
  const soft = picker.kind === 'softmax';
  refuseUnknownKeys(source, path, picker, soft ? ['kind', 'temperature'] : ['kind']);
  if (!soft) return;
  const { temperature } = picker;
  if (typeof temperature === 'number' && temperature > 0 && temperature < Infinity) return;
  throw badShape(source, `${path}.temperature`, temperature, 'a finite number above 0');
}
