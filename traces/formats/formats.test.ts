import { expect, test } from 'vitest';
import { configSchema } from '#core/config/schema.ts';
import { TRACE_FORMATS } from '../loaded-trace.ts';

test('the config takes every format that can be read', () => {
  for (const trace_format of ['auto', ...TRACE_FORMATS]) {
    expect(configSchema.parse({ workload: { trace_format } }).workload.trace_format).toBe(
      trace_format,
    );
  }
});
