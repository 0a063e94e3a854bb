/**
 * What a forward pass has to do, as sufficient sums over its requests: sums lose nothing that a
 * model linear in each request needs, where means would.
 *
 * A request in prefill contributes its chunk of new tokens and the prefix that lay in the cache
 * before; a request in decode its context, the token to be computed included.
 */
export class PassShape {
  prefillRequests = 0;
  /** Σ chunk. */
  prefillTokens = 0;
  /** Σ prefix. */
  prefixTokens = 0;
  /** Σ chunk · (prefix + chunk / 2): the pairs that attention looks at. */
  prefillAttentionPairs = 0;
  decodeRequests = 0;
  /** Σ context. */
  decodeContextTokens = 0;
  /**
   * Tokens that the other ranks compute in the same pass, all together, where any of them has a
   * prompt; undefined = each as many as this one.
   */
  otherTokens: number | undefined = undefined;

  clear(): void {
    this.prefillRequests = 0;
    this.prefillTokens = 0;
    this.prefixTokens = 0;
    this.prefillAttentionPairs = 0;
    this.decodeRequests = 0;
    this.decodeContextTokens = 0;
    this.otherTokens = undefined;
  }

  addPrefill(chunk: number, prefix: number): void {
    this.prefillRequests++;
    this.prefillTokens += chunk;
    this.prefixTokens += prefix;
    this.prefillAttentionPairs += chunk * (prefix + chunk / 2);
  }
}

/**
 * The decode part's time against the batch's total context, for a fixed number of requests: pieces
 * of quadratics c0 + c1·x + c2·x², which never fall. Piece i reaches up to and including end[i].
 */
export class DecodeCurve {
  pieces = 0;
  readonly end: number[] = [];
  readonly c0: number[] = [];
  readonly c1: number[] = [];
  readonly c2: number[] = [];

  clear(): void {
    this.pieces = 0;
  }

  add(end: number, c0: number, c1: number, c2: number): void {
    const piece = this.pieces++;
    this.end[piece] = end;
    this.c0[piece] = c0;
    this.c1[piece] = c1;
    this.c2[piece] = c2;
  }

  /** A constant up to and including `end` takes the place of the first `count` pieces, 0 allowed. */
  replaceFirst(count: number, end: number, constant: number): void {
    const { pieces } = this;
    replaceHead(this.end, count, pieces, end);
    replaceHead(this.c0, count, pieces, constant);
    replaceHead(this.c1, count, pieces, 0);
    replaceHead(this.c2, count, pieces, 0);
    this.pieces = pieces - count + 1;
  }

  /** Milliseconds at a context that lies in a piece. */
  at(piece: number, context: number): number {
    return this.c0[piece]! + (this.c1[piece]! + this.c2[piece]! * context) * context;
  }
}

/** One value takes the place of the first `count` of a list of `length` that may be longer. */
function replaceHead(list: number[], count: number, length: number, value: number): void {
  if (list.length === length) list.push(0);
  list.copyWithin(1, count, length);
  list[0] = value;
}

/**
 * How long a forward pass takes. Implementations are pure; times are milliseconds, and whoever makes
 * an event of one rounds it to a nanosecond, once.
 */
export interface TimingModel {
  /**
   * The pass's time apart from its decode part; 0 for a pass that only decodes, but for overhead and
   * where its rank waits for the prompts of others.
   */
  prefillMs(shape: PassShape): number;
  /** The decode part's time of `requests` requests with that much context in all. */
  decodeMs(requests: number, contextTokens: number): number;
  /** The same as a curve over context, `requests` fixed: what lets k passes be added in closed form. */
  decodeCurve(requests: number, out: DecodeCurve): void;
}
