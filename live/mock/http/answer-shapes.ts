/** What an answer says of itself in every message. */
export interface AnswerHead {
  readonly kind: 'completion' | 'chat';
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly returnTokenIds: boolean;
  readonly logprobs: number | undefined;
  /** Whether a last message of its own tells the usage. */
  readonly includeUsage: boolean;
}

/** A part of one choice, or all of it. */
export interface AnswerPiece {
  readonly index: number;
  readonly tokens: readonly number[];
  /** Text of each of the tokens. */
  readonly texts: readonly string[];
  /** The prompt, with the first piece of a choice alone, and only where token ids are asked for. */
  readonly promptTokens: readonly number[] | undefined;
  /** Characters of the choice before this piece. */
  readonly textOffset: number;
  /** Null while more will come. */
  readonly finishReason: string | null;
  readonly stopReason: string | number | null;
}

export interface AnswerUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Absent where the engine does not tell. */
  readonly cachedTokens: number | undefined;
}

/** How an engine's answers look: a message of a stream each, and a whole one. */
export interface AnswerShapes {
  /**
   * Comes before a choice's first piece, where there is such a message; `promptTokens` as in a piece.
   */
  opening(
    head: AnswerHead,
    index: number,
    promptTokens: readonly number[] | undefined,
  ): object | undefined;
  /** `usage`: only where it was asked for with every piece. */
  piece(head: AnswerHead, piece: AnswerPiece, usage: AnswerUsage | undefined): object;
  closing(head: AnswerHead, usage: AnswerUsage): object;
  /** `kvTransferParams`: of the worker that computed the prompt alone. */
  whole(
    head: AnswerHead,
    pieces: readonly AnswerPiece[],
    usage: AnswerUsage,
    kvTransferParams: object | null,
  ): object;
}
