import type { FleetFacts } from '../../router/policies/pipeline/selection.ts';
import type { Step } from './plugin-types.ts';

/** A plug-in of a file, with its parameters read. */
export interface Plugin {
  readonly name: string;
  readonly type: string;
  readonly open: (fleet: FleetFacts) => Step;
}
