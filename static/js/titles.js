/** What a conversation is called. */
import { t } from './i18n.js';
import { nameOf } from './names.js';

/** A table that nobody named has a name made by the server, which says nothing to a person. */
const MADE_UP = /^(?:chat|game|counter)-([a-z0-9]{8})$/;

export function talkTitle(talk) {
  return talk.peer ? nameOf(talk.peer) : roomTitle(talk.room, talk.kind);
}

export function roomTitle(room, kind) {
  const word = MADE_UP.exec(room)?.[1];
  return word ? t(`made_up_${kind}`, { short: word.slice(0, 4) }) : room;
}
