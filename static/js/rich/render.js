/** A message's body as DOM: links, code, quotes, bold and italic, people and rooms. Built of nodes alone. */
import { note } from '../announce.js';
import { copyText, h } from '../dom.js';
import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { nameOf } from '../names.js';
import { store } from '../store.js';
import { mentionsIn } from './mentions.js';
import { isEmojiAlone, parse } from './parse.js';

/**
 * @param {{body: string, mentions?: string[]}} event
 * @param {{id: string, name: string}[]} people whose names are links when an `@` stands before them
 * @param {{openPeer: (user: object) => void, openRoom: (room: string) => void}} go
 */
export function messageBody(event, people, go) {
  const meant = event.mentions ? people.filter(({ id }) => event.mentions.includes(id)) : people;
  const blocks = parse(event.body).map((block) => {
    if (block.code !== undefined) return codeBlock(block.code);
    const nodes = pieces(block.quote ?? block.pieces, meant, go);
    return block.quote ? h('blockquote', null, ...nodes) : nodes;
  });
  return h('div', { class: 'message-body', dir: 'auto', 'data-big': isEmojiAlone(event.body) }, ...blocks.flat());
}

function pieces(list, people, go) {
  return list.flatMap((piece) => {
    if (typeof piece === 'string') return text(piece, people, go);
    if (piece.bold) return h('strong', null, ...pieces(piece.bold, people, go));
    if (piece.italic) return h('em', null, ...pieces(piece.italic, people, go));
    if (piece.code !== undefined) return h('code', null, piece.code);
    if (piece.link) return h('a', { href: piece.link, target: '_blank', rel: 'noopener noreferrer nofollow', referrerpolicy: 'no-referrer' }, piece.link);
    return h('a', { class: 'room-link', href: `?room=${encodeURIComponent(piece.room)}`, onClick: (event) => stay(event, () => go.openRoom(piece.room)) }, `#${piece.room}`);
  });
}

/** Text with the people in it. */
function text(words, people, go) {
  const out = [];
  let done = 0;
  for (const { from, to, user } of mentionsIn(words, people)) {
    out.push(words.slice(done, from));
    const mine = user.id === store.me?.id;
    if (mine) out.push(h('span', { class: 'mention', 'data-mine': true }, `@${nameOf(user)}`));
    else out.push(h('button', { type: 'button', class: 'mention', title: t('write_to', { name: nameOf(user) }), onClick: () => go.openPeer(user) }, `@${nameOf(user)}`));
    done = to;
  }
  out.push(words.slice(done));
  return out.filter((one) => one !== '');
}

function codeBlock(code) {
  const copy = h('button', { type: 'button', class: 'icon-button copy-code', 'aria-label': t('copy_code'), title: t('copy_code') }, icon('copy'));
  copy.addEventListener('click', async () => (await copyText(code)) && note(t('code_copied')));
  return h('div', { class: 'code-block' }, h('pre', { tabindex: 0 }, h('code', null, code)), copy);
}

/** Follow a link within the page, unless it is to open elsewhere. */
function stay(event, act) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  act();
}

