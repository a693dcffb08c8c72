/** The connection of this page, and two ways to be patient with it. */
import { ParlorClient } from '../client.js';
import { EarlySocket } from './early.js';
import { tabStorage, tokenStorage } from './prefs.js';

export const client = new ParlorClient(undefined, { storage: tokenStorage, tabStorage, tokenKey: 'token', WebSocket: EarlySocket });

/** Do `ask` again as long as the server only says "not so fast". */
export async function patiently(ask) {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (error.code !== 'rate_limited') throw error;
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs ?? 1000));
    }
  }
}

/** Resolves once the connection stands. */
export function opened() {
  if (client.isOpen) return Promise.resolve();
  return new Promise((resolve) => {
    client.addEventListener('state', function check() {
      if (!client.isOpen) return;
      client.removeEventListener('state', check);
      resolve();
    });
  });
}
