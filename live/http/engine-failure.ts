import type { IncomingHttpHeaders } from 'node:http';

/** How an engine failed. */
export type EngineFault =
  /** No connection came about: nothing was sent. */
  | 'unreachable'
  /** The connection broke. */
  | 'reset'
  /** It took too long. */
  | 'timeout'
  /** It does not answer when asked how it is, and another engine may do its work. */
  | 'silent'
  /** It answered something that is no HTTP. */
  | 'broken'
  /** It answered with an error of its own that another engine may not have. */
  | 'declined'
  /** It said in the midst of its answer that it cannot go on. */
  | 'erred';

/** A whole answer, kept. */
export interface EngineReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export class EngineFailure extends Error {
  override readonly name = 'EngineFailure';
  readonly fault: EngineFault;
  /** What it answered, where it declined or erred. */
  readonly reply: EngineReply | undefined;
  /** The client has that from the engine itself. */
  isTold = false;
  /** Its name, once it is known who is to blame. */
  engine: string | undefined;

  constructor(fault: EngineFault, message: string, reply?: EngineReply) {
    super(message);
    this.fault = fault;
    this.reply = reply;
  }

  /** Whether another engine may help. */
  get mayBeOvercome(): boolean {
    if (this.isTold) return false;
    return this.fault !== 'erred' || declines(this.reply!.status);
  }
}

/** Whether another engine may do better: the answer says nothing of the request itself. */
export function declines(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501);
}
