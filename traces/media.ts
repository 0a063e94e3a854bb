/** The key of a row that names its images, clips and the like; one id an item, by its content. */
export const MEDIA_KEY = 'mm_hashes';

/** The items of a request, each once, in the order in which the row first names them. */
export type TraceMedia = readonly number[];

/** The keys of a row that say the same as `media`, for whoever writes rows. */
export function mediaRow(media: TraceMedia): Readonly<Record<string, unknown>> {
  return { [MEDIA_KEY]: media };
}
