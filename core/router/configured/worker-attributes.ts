import type { ClusterConfig } from '#core/config/schema.ts';
import type { TargetAttributes } from '../eligibility/target-attributes.ts';

/** What sets the targets apart, by target: the groups in their order, each worker with its ranks. */
export function workerAttributes(
  { groups, workers }: ClusterConfig,
  ranks: number,
): readonly TargetAttributes[] | undefined {
  if (groups === undefined && ranks === 1) return undefined;
  const attributes: TargetAttributes[] = [];
  let worker = 0;
  const everyone: NonNullable<ClusterConfig['groups']> = [{ count: workers }];
  for (const group of groups ?? everyone) {
    const { taints, topology, lora_adapters: loraAdapters, device } = group;
    const shared = {
      ...(taints !== undefined && { taints }),
      ...(topology !== undefined && { topology }),
      ...(loraAdapters !== undefined && { loraAdapters }),
      ...(device !== undefined && { device }),
    };
    for (let index = 0; index < group.count; index++, worker++) {
      for (let rank = 0; rank < ranks; rank++) attributes.push({ worker, rank, ...shared });
    }
  }
  return attributes;
}
