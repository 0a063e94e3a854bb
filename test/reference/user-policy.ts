import type { UserSource } from '#core/base/user-code.ts';
import { checkSelection } from '#core/policy/selection-shape.ts';
import type { SelectionExport } from '#core/router/policies/pipeline/selection.ts';
import type { SelectionPolicy } from '#core/router/policies/pipeline/user-selection.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';

/** The source of policies that stand in a test, where nobody asks for lines. */
export const NOWHERE: UserSource = {
  file: 'policy.ts',
  placeOf: () => ({ file: 'policy.ts' }),
  placeOfError: () => ({}),
};

/** A selection as if it came from a file. */
export function selectionOf(selection: SelectionExport): SelectionPolicy {
  return { source: NOWHERE, selection, checkShape: (made) => checkSelection(made, NOWHERE) };
}

/** Prompts that share nothing: each node is one, of so many blocks. */
export function flatForest(prompts: number, blocks: number): BlockForest {
  const parent = new Int32Array(prompts).fill(-1);
  return {
    parent,
    attach: new Int32Array(prompts),
    length: new Int32Array(prompts).fill(blocks),
  };
}
