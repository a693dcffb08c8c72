/** An error that the server, or the lack of one, answered a request with. */
export class ParlorError extends Error {
  /**
   * @param {string} code a word of the protocol, or `connection_lost`, `not_connected`, `timeout`
   * @param {string} message
   * @param {number} [retryAfterMs]
   */
  constructor(code, message, retryAfterMs) {
    super(message);
    this.name = 'ParlorError';
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
