import { WindtunnelError } from '#core/base/errors.ts';

/** Bytes that are no KV events: corrupt, hostile, or of a form that no engine sends. */
export class DecodeError extends WindtunnelError {
  override readonly name = 'DecodeError';

  constructor(problem: string, received: unknown) {
    super('kv_event_invalid', problem, { received: describe(received) });
  }
}

/** A few words of what was received: never its content, which may be a prompt. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value === null) return 'nil';
  return typeof value;
}
