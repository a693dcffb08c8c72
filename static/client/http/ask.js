/**
 * One request that has an end.
 *
 * @param {object} host `fetch`, `times`, `setTimer`, `clearTimer`
 * @param {string} url
 * @param {RequestInit & {withinMs?: number}} [request] aborted after `withinMs` or by its `signal`
 * @returns {Promise<{status: number, body: object | null, retryAfterMs: number}>} status 0: there was no answer.
 *   The body is null if it is not the server's JSON but, say, a proxy's page
 */
export async function ask({ fetch, times, setTimer, clearTimer }, url, { withinMs = times.requestMs, signal, ...request } = {}) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimer(abort, withinMs);
  signal?.addEventListener('abort', abort);
  try {
    const response = await fetch(url, { cache: 'no-store', ...request, signal: controller.signal });
    const text = await response.text();
    return { status: response.status, body: parsed(text), retryAfterMs: 1000 * Number(response.headers.get('retry-after') ?? 0) || 0 };
  } catch {
    return { status: 0, body: null, retryAfterMs: 0 };
  } finally {
    clearTimer(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * How a session ended that the server does not have any more: as it says, or as after a restart. A page that has not
 * ended the session itself is to come back.
 *
 * @param {{close?: {code: number, reason: string}} | null} body of a 404
 * @returns {{code: number, reason: string}}
 */
export function endOf(body) {
  const { code, reason } = body?.close ?? {};
  return code === undefined || code === 1000 ? { code: 1012, reason: '' } : { code, reason };
}
