/** What stands beside or above the conversation: a board, a counter, a replay, or nothing. */
import { counterView } from './counter.js';
import { byId } from './dom.js';
import { gameView } from './game/view.js';
import { replayView } from './game/replay.js';
import { languages, t } from './i18n.js';
import { store } from './store.js';

const VIEWS = { counter: counterView, connect4: gameView, replay: replayView };

let mounted = null;

export function startStage() {
  store.on('current replay', mount);
  languages.addEventListener('change', () => {
    mounted = null;
    mount();
  });
}

function mount() {
  const kind = store.replay ? 'replay' : store.current?.kind;
  const what = store.replay ?? store.current;
  const stage = byId('stage');
  const view = VIEWS[kind];
  if (mounted === what && stage.dataset.kind === kind) return;
  mounted = what;
  stage.replaceChildren();
  stage.dataset.kind = kind ?? 'none';
  stage.hidden = !view;
  if (!view) return;
  stage.setAttribute('aria-label', t(`stage_${kind}`));
  view(stage);
}
