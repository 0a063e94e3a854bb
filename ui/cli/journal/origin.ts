import { writableConfig } from '#core/config/effect.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { JournalOrigin } from '#core/journal/header-lines.ts';
import type { LoadedTrace } from '#traces/loaded-trace.ts';
import { packageVersion } from '../package-paths.ts';

/** What the journal of a run says of the run: enough to fly it again from its trace. */
export function journalOrigin(
  { path, sha256, format, requests }: LoadedTrace,
  config: ResolvedConfig,
  configSha256: string,
): JournalOrigin {
  const trace = { path, sha256, format, requests };
  return { program: packageVersion(), config: writableConfig(config), configSha256, trace };
}
