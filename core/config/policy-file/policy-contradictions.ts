import { nearestName } from '#core/base/nearest.ts';
import type { Contradiction } from '../contradiction.ts';
import type { PolicyFile } from './policy-schema.ts';
import { rootProfile } from './root-profile.ts';

/** A policy file may be for several models, and has to have classes for the one that is meant. */
export function policyFileContradictions(
  { router_policy_model: model }: { readonly router_policy_model?: string },
  policy: PolicyFile | undefined,
): readonly Contradiction[] {
  if (policy === undefined) return [];
  const models = Object.keys(policy.models ?? {}).sort();
  if (model === undefined && rootProfile(policy) === undefined) {
    return [
      {
        path: 'router.router_policy_config',
        why: 'it has classes by model only',
        remedy: `set router.router_policy_model to ${models.join(' or ')}`,
      },
    ];
  }
  if (model === undefined || models.includes(model)) return [];
  const nearest = nearestName(model, models);
  return [
    {
      path: 'router.router_policy_model',
      why: 'the policy file has no classes for this model',
      remedy:
        nearest === undefined
          ? 'leave it out, or add the model to the policy file'
          : `did you mean "${nearest}"?`,
    },
  ];
}
