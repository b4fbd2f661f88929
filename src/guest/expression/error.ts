// ExpressionError: what is wrong with an expression, and which characters of it.

/** Thrown for an expression that cannot be understood or evaluated. The message is for the user. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';

  /**
   * @param offset of the first character that it is about
   * @param length characters that it is about, at least 1
   */
  constructor(
    message: string,
    readonly offset: number,
    readonly length = 1,
  ) {
    super(message);
  }
}
