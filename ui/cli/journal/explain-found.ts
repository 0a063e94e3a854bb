import type { FoundDecision } from '#core/journal/decision-search.ts';
import { DecisionExplainer, type ExplainedDecision } from '#core/journal/explainer.ts';
import { guardAmbient } from '../policy/ambient-guard.ts';
import { recordedPolicies } from '../policy/with-policy.ts';
import { readJournalFile } from './journal-source.ts';

/** What the router saw at a decision of a journal; undefined when it chose nobody. */
export async function explainFound(
  file: string,
  found: FoundDecision,
): Promise<ExplainedDecision | undefined> {
  const policies = recordedPolicies(found.header.config);
  const explainer = new DecisionExplainer(file, found.decision, policies);
  await readJournalFile(
    file,
    (chunk) => guardAmbient(() => explainer.push(chunk)),
    () => explainer.line,
  );
  return explainer.explained;
}
