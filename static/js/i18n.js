/** The page's words in the person's language: the browser's by default, switchable for all tabs. */
import { prefs } from './prefs.js';
import en from './lang/en.js';

/** The words by language, as far as they are loaded. English is always there, for what another lacks. */
const WORDS = { en };

export const LANGUAGES = { en: 'English', zh: '中文' };

/** Dispatches `change` when another language is chosen. */
export const languages = new EventTarget();

let current = prefs.read('language', null) ?? preferred(navigator.languages ?? [navigator.language]);

/** The first language of `wanted` that we speak, or English. */
export function preferred(wanted) {
  for (const tag of wanted) {
    const base = String(tag).toLowerCase().split('-')[0];
    if (base in LANGUAGES) return base;
  }
  return 'en';
}

/** Load the words of the chosen language. Until then there are English ones. */
export async function loadWords() {
  if (current !== 'zh' || WORDS.zh) return;
  const { default: zh } = await import('./lang/zh.js');
  WORDS.zh = zh;
}

export function language() {
  return current;
}

/** The tag for `lang` and for `Intl`. */
export function locale() {
  return current === 'zh' ? 'zh-CN' : (navigator.languages ?? []).find((tag) => tag.toLowerCase().startsWith('en')) ?? 'en';
}

export async function setLanguage(choice) {
  current = choice in LANGUAGES ? choice : 'en';
  prefs.write('language', current);
  await loadWords();
  translatePage();
  languages.dispatchEvent(new Event('change'));
}

/**
 * The words for `key`, with `{name}` filled in from `values`. `count` chooses between a word's `one` and `other`.
 */
export function t(key, values = {}) {
  let words = WORDS[current]?.[key] ?? en[key] ?? key;
  if (typeof words === 'object') words = values.count === 1 && words.one ? words.one : words.other;
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** The same in parts, for values that are elements. */
export function parts(key, values) {
  return t(key).split(/\{(\w+)\}/).map((part, at) => (at % 2 ? values[part] ?? '' : part)).filter((part) => part !== '');
}

/** Whether there are words for `key`. */
export function hasWords(key) {
  return key in en;
}

/** Put the words into everything that stands in the page's HTML: `data-t`, `data-t-label`, `data-t-placeholder`. */
export function translatePage(root = document) {
  document.documentElement.lang = current === 'zh' ? 'zh-CN' : 'en';
  for (const node of root.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll('[data-t-label]')) {
    node.setAttribute('aria-label', t(node.dataset.tLabel));
    if (node.matches('button, a')) node.title = t(node.dataset.tLabel);
  }
  for (const node of root.querySelectorAll('[data-t-placeholder]')) node.placeholder = t(node.dataset.tPlaceholder);
}
