/** Where Parlor is on its origin: everything it has stands below one path. Others may stand beside it. */

/** The page's directory: `/`, or with `--base-path` something like `/chat/`. */
export const BASE = new URL('.', globalThis.location?.href ?? 'http://localhost/').pathname;

/** What names in the browser's storage begin with: two Parlors on one origin share nothing. */
export const SHELF = BASE === '/' ? 'parlor.' : `parlor${BASE}`;
