import type { Availability } from '../engines/availability.ts';
import type { EngineSettings } from '../engines/engine-settings.ts';
import type { EngineEndpoint } from '../routing/route-ask.ts';
import type { TokenizingEngine } from '../tokens/engine-reader.ts';

/** The engines that may be asked for tokens now: one that is left alone for requests is for questions too. */
export function askableEngines(
  engines: readonly EngineEndpoint[],
  availability: Pick<Availability, 'reasons'>,
  settings: ReadonlyMap<string, EngineSettings>,
): readonly TokenizingEngine[] {
  return engines
    .filter(({ name }) => availability.reasons(name).length === 0)
    .map(({ name, url }) => ({ url, apiKey: settings.get(name)?.apiKey }));
}
