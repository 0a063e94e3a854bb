import { InputError } from '#core/base/errors.ts';
import { childValue } from '../key-schema.ts';
import type { Locate } from '../problems.ts';

/** Refuses a file of a version that only a newer program reads, before its keys are judged. */
export function refuseNewer(written: unknown, newest: number, locate: Locate): void {
  const version = childValue(written, 'version');
  if (typeof version !== 'number' || version <= newest) return;
  throw new InputError(
    'config_version_unsupported',
    `the file has version ${version}, this program reads version ${newest}`,
    { ...locate('version'), path: 'version', remedy: 'install a newer llm-windtunnel' },
  );
}
