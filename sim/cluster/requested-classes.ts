import type { ClassProfile } from '#core/router/queue/classes/class-profile.ts';
import { PolicyNames } from '#core/router/queue/classes/policy-names.ts';
import type { RequestTable } from '../workload/request-table.ts';

/**
 * Which policy class each request asks for: the one that the trace names, else the one that has the
 * name of its tenant. Each name is looked up once.
 */
export class RequestedClasses {
  readonly #requests: RequestTable;
  readonly #names: PolicyNames | undefined;
  readonly #ofClass: number[] = [];
  readonly #ofTenant: number[] = [];

  /** Without a profile nobody asks for anything. */
  constructor(requests: RequestTable, profile: ClassProfile | undefined) {
    this.#requests = requests;
    this.#names = profile === undefined ? undefined : new PolicyNames(profile);
  }

  /** The number of the name as `PolicyNames` has it, −1 = none. */
  of(row: number): number {
    const names = this.#names;
    if (names === undefined) return -1;
    const { policyClass, policyClassNames, tenant, tenantNames } = this.#requests;
    const byClass = policyClass[row]! >= 0;
    const name = byClass ? policyClass[row]! : tenant[row]!;
    if (name < 0) return -1;
    const known = byClass ? this.#ofClass : this.#ofTenant;
    known[name] ??= names.numberOf((byClass ? policyClassNames : tenantNames)[name]!);
    return known[name];
  }
}
