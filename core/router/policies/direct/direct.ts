import { NO_TARGET_NAMED } from '../../decisions.ts';
import { PrefixBlindPolicy } from '../routing-policy.ts';

/** The caller names the target, by a pin; a request that names none is turned down. */
export class DirectPolicy extends PrefixBlindPolicy {
  readonly refusal = NO_TARGET_NAMED;

  override choose(): number {
    return -1;
  }

  override chooseAmong(): number {
    return -1;
  }
}
