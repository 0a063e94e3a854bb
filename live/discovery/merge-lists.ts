import type { LeftOut, ListedEngine, Origin } from './discovery-source.ts';

/** The last list of one source. */
export interface SourceList {
  readonly origin: Origin;
  readonly engines: readonly ListedEngine[];
}

/** An engine that is to be there, and who says so. */
export interface WantedEngine extends ListedEngine {
  readonly origin: Origin;
}

export interface MergedLists {
  /** By name, in the order of the lists. */
  readonly wanted: ReadonlyMap<string, WantedEngine>;
  /** By list, the engines of it that an earlier one has already. */
  readonly doubles: readonly (readonly LeftOut[])[];
}

/** All engines of all sources; where two list one of the same name, the earlier source counts. */
export function mergeLists(lists: readonly SourceList[]): MergedLists {
  const wanted = new Map<string, WantedEngine>();
  const doubles = lists.map(({ origin, engines }) => {
    const left: LeftOut[] = [];
    for (const engine of engines) {
      const { name } = engine.entry;
      const other = wanted.get(name);
      if (other === undefined) wanted.set(name, { ...engine, origin });
      else left.push({ name, why: `an engine of that name is listed already (${other.origin})` });
    }
    return left;
  });
  return { wanted, doubles };
}
