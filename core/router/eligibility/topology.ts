import type { RouteTerms } from '../route-terms.ts';

const PREFIX = 'dynamo.topology/';

/** The taint by which a topology domain takes part in eligibility: `dynamo.topology/zone=a`. */
export function topologyTaint(domain: string, value: string): string {
  return `${PREFIX}${domain}=${value}`;
}

/** How the decode target of a request has to lie to the target that prefilled it. */
export interface TransferTopology {
  /** The domain in which KV moves well, such as `zone`. */
  readonly domain: string;
  readonly enforcement: 'required' | 'preferred';
  /** Weight of the preference, from 0 to 1. */
  readonly preferredWeight: number;
}

/**
 * The terms of a decode request whose KV comes from a target at `value` of the domain: it must, or
 * would rather, go to the same place.
 */
export function withTransferTopology(
  terms: RouteTerms,
  topology: TransferTopology,
  value: string,
): RouteTerms {
  const taint = topologyTaint(topology.domain, value);
  if (topology.enforcement === 'required') {
    return { ...terms, requiredTaints: [...(terms.requiredTaints ?? []), taint] };
  }
  const weight = (terms.preferredTaints?.[taint] ?? 0) + topology.preferredWeight;
  return { ...terms, preferredTaints: { ...terms.preferredTaints, [taint]: weight } };
}
