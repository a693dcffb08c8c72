/** The server's errors in the reader's language: which field is wrong, and what it takes. */
import { hasWords, t } from './i18n.js';

/**
 * @param {{code: string, message?: string, field?: string, min?: number, max?: number, unit?: string, allowed?: string[]}} error
 * @returns {string} our words if we have them, else the server's
 */
export function errorWords(error) {
  if (error.code === 'bad_request') return wrong(error) ?? (error.message || t('error_unknown'));
  for (const key of [`error_${error.code}_${error.field}`, `error_${error.code}`]) if (hasWords(key)) return t(key);
  return error.message || t('error_unknown');
}

function wrong({ field: name, min, max, unit, allowed }) {
  if (!hasWords(`field_${name}`)) return null;
  const field = t(`field_${name}`);
  if (unit === 'rooms') return t('wrong_rooms', { count: max });
  if (allowed) return t('wrong_word', { field, words: allowed.join(', ') });
  if (unit === 'items') return t('wrong_items', { field, max });
  if (unit === 'characters' && max !== undefined) return t('wrong_long', { field, max });
  if (unit === 'characters') return t('wrong_empty', { field });
  if (min !== undefined && max !== undefined) return t('wrong_number', { field, min, max });
  return hasWords(`wrong_${name}`) ? t(`wrong_${name}`) : null;
}
