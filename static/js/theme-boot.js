// Before the first paint, so that a chosen theme never flashes the other one. The rest is theme.js and i18n.js.
try {
  const theme = localStorage.getItem('parlor.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; the system's theme it is.
}

// The same for the language: a reader's own, before there are any words.
try {
  const chosen = JSON.parse(localStorage.getItem('parlor.language'));
  const wanted = chosen ?? navigator.languages.map((tag) => tag.toLowerCase().split('-')[0]).find((tag) => tag === 'zh' || tag === 'en');
  if (wanted === 'zh') document.documentElement.lang = 'zh-CN';
} catch {
  // English, until the page is told otherwise.
}
