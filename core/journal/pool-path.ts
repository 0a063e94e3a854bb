/**
 * The file of the journal of one pool of several, by that of the run: `run.decode.journal.jsonl` for
 * the pool decode, where that is `run.journal.jsonl`.
 */
export function poolJournalPath(path: string, pool: string): string {
  const from = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1;
  const dot = path.indexOf('.', from + 1);
  return dot < 0 ? `${path}.${pool}` : `${path.slice(0, dot)}.${pool}${path.slice(dot)}`;
}

/**
 * The file of a part of a journal that is written in parts; the first part has the name itself. All
 * parts one behind the other are the journal.
 */
export function journalPart(path: string, part: number): string {
  return part === 0 ? path : `${path}.${part}`;
}
