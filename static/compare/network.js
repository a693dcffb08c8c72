/** The network as the lanes see it: it can be unplugged and slow, and everything on it is counted. */
import { BASE } from '../js/base.js';

const HEAD_URL = `${BASE}compare/head`;
export const SESSIONS = `${BASE}api/sessions`;

/** How much longer each way takes on a slow network, in milliseconds. */
const SLOW_MS = 300;

const encoder = new TextEncoder();
export const bytesOf = (text) => encoder.encode(text).length;

export const network = new EventTarget();
network.isPlugged = true;
network.isSlow = false;

/** Bytes of a request's head without its address, by method: as the server has counted them for this browser. */
const heads = {};

/** Asks the server how long this browser's heads are. */
export async function measureHeads() {
  for (const method of ['GET', 'POST', 'DELETE']) {
    const response = await fetch(HEAD_URL, { method, cache: 'no-store', ...(method === 'POST' ? { body: 'x'.repeat(100) } : {}) });
    heads[method] = Number(await response.text()) - HEAD_URL.length;
  }
}

/** Resolves after one way over the network. */
export async function oneWay() {
  if (network.isSlow) await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
}

/**
 * A request, counted.
 *
 * @param {{requests: number, up: number, down: number}} count
 * @param {string} path
 * @param {RequestInit} [request]
 */
export async function counted(count, path, request = {}) {
  if (!network.isPlugged) throw new TypeError('unplugged');
  await oneWay();
  count.requests += 1;
  count.up += heads[request.method ?? 'GET'] + path.length + bytesOf(request.body ?? '');
  const response = await fetch(path, { cache: 'no-store', ...request });
  count.down += `HTTP/1.1 ${response.status} ${response.statusText}\r\n\r\n`.length;
  for (const [name, value] of response.headers) count.down += name.length + value.length + 4;
  await oneWay();
  return response;
}

/** Bytes of a WebSocket frame with `length` bytes, RFC 6455 §5.2. */
export function frameBytes(length, isMasked) {
  return length + 2 + (length > 65_535 ? 8 : length > 125 ? 2 : 0) + (isMasked ? 4 : 0);
}
