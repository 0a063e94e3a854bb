import { admit } from '../rank/request-life.ts';
import type { SglangState } from './sglang-state.ts';

/** Requests whose prompt was copied here come in, while there are places, and decode. */
export function joinActivated(rank: SglangState): void {
  const { handoff, running, batch, engine } = rank;
  const { joining } = handoff;
  const { target, owned } = engine.sequences;
  let joined = 0;
  while (joined < joining.count && running.count < engine.settings.maxNumSeqs) {
    const row = joining.rows[joined++]!;
    admit(rank, row, 0);
    batch.add(row, rank.known(row), target[row]!, owned[row]!);
    rank.joined.push(row);
    rank.entering.push(row);
  }
  joining.removeFirst(joined);
  handoff.apart -= joined;
}
