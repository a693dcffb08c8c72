/** An error that the server, or the lack of one, answered a request with. */
export class ParlorError extends Error {
  /**
   * @param {string} code a word of the protocol, or `connection_lost`, `not_connected`, `timeout`, `too_much_waiting`
   * @param {string} message
   * @param {number} [retryAfterMs]
   * @param {object} [frame] the server's whole answer: `field`, `min`, `max`, `unit`, `allowed` say what is wrong
   */
  constructor(code, message, retryAfterMs, frame = {}) {
    super(message);
    this.name = 'ParlorError';
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    const { field, min, max, unit, allowed } = frame;
    Object.assign(this, { field, min, max, unit, allowed });
  }
}
