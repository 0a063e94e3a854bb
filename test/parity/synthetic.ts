/**
 * Rows of a synthetic case: sessions of equal prompts of which a part is shared by all. Arrivals are
 * evenly spaced; where the case asks for a rate they are drawn anew by us, so times are not given.
 */
export function syntheticRows(
  shape: Readonly<Record<string, number>>,
  traceBlockSize: number,
): Record<string, unknown>[] {
  const tokens = shape.input_tokens!;
  const turns = shape.turns_per_session ?? 1;
  const blocks = Math.ceil(tokens / traceBlockSize);
  const shared = Math.round(blocks * (shape.shared_prefix_ratio ?? 0));
  const rows: Record<string, unknown>[] = [];
  for (let session = 0; session < shape.request_count!; session++) {
    for (let turn = 0; turn < turns; turn++) {
      const own = (1 + session * turns + turn) * 10_000;
      const row: Record<string, unknown> = {
        input_length: tokens,
        output_length: shape.output_tokens,
        hash_ids: Array.from({ length: blocks }, (_, i) => (i < shared ? i : own + i)),
      };
      if (turns > 1) row.session_id = `session_${session}`;
      if (turn === 0) row.timestamp = session * (shape.arrival_interval_ms ?? 0);
      else row.delay = shape.inter_turn_delay_ms ?? 0;
      rows.push(row);
    }
  }
  return rows;
}
