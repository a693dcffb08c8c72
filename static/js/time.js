/** Times as people read them, in their own zone and language. */
import { locale, t } from './i18n.js';

const formats = new Map();

function format(name, options, date) {
  const key = `${locale()} ${name}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale(), options));
  return formats.get(key).format(date);
}

/** "14:05" */
export const clockTime = (date) => format('time', { hour: '2-digit', minute: '2-digit' }, date);

/** "14:05:09" */
export const clockSeconds = (date) => format('seconds', { hour: '2-digit', minute: '2-digit', second: '2-digit' }, date);

/** The full moment, for a title. */
export const moment = (date) => format('moment', { dateStyle: 'full', timeStyle: 'medium' }, date);

/** A day's key, the same for all moments of one local day. */
export const dayKey = (date) => `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;

/** "Today", "Yesterday", or the date. */
export function dayName(date, today = new Date()) {
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (dayKey(date) === dayKey(today)) return t('today');
  if (dayKey(date) === dayKey(yesterday)) return t('yesterday');
  const sameYear = date.getFullYear() === today.getFullYear();
  const options = { weekday: 'long', month: 'long', day: 'numeric', ...(sameYear ? {} : { year: 'numeric' }) };
  return format(sameYear ? 'day' : 'day-year', options, date);
}
