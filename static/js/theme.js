/** Light, dark, or as the system says; chosen once for all tabs. */
import { SHELF } from './base.js';

export const THEMES = ['auto', 'light', 'dark'];

// boot.js reads the same entry before modules load; it is a bare word there.
const ENTRY = `${SHELF}theme`;

export function theme() {
  const chosen = document.documentElement.dataset.theme;
  return chosen === 'light' || chosen === 'dark' ? chosen : 'auto';
}

export function setTheme(choice) {
  const root = document.documentElement;
  if (choice === 'auto') delete root.dataset.theme;
  else root.dataset.theme = choice;
  try {
    if (choice === 'auto') localStorage.removeItem(ENTRY);
    else localStorage.setItem(ENTRY, choice);
  } catch {
    // Forbidden: the choice lasts as long as the page.
  }
}
