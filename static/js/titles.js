/** What a conversation is called. */
import { t } from './i18n.js';

/** A table that nobody named has a name made by the server, which says nothing to a person. */
const MADE_UP = /^(table|game|connect4|counter|room)-[0-9a-f-]{4,}$|^[0-9a-f]{8}-[0-9a-f-]{20,}$/i;

export function talkTitle(talk) {
  return talk.peer ? talk.peer.name : roomTitle(talk.room, talk.kind);
}

export function roomTitle(room, kind) {
  if (!MADE_UP.test(room)) return room;
  const short = room.replace(/-/g, '').slice(-4);
  return t(`made_up_${kind}`, { short });
}
