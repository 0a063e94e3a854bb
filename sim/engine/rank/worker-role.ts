/**
 * What a worker does of a request: all of it; its prompt alone, whose blocks it holds until they have
 * been copied to another worker; or its output, out of blocks that were copied to it.
 */
export type WorkerRole = 'aggregated' | 'prefill' | 'decode';
