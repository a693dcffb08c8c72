/**
 * The small language of messages. Pure: text in, pieces out; `render.js` makes DOM of them, never HTML strings.
 *
 * | one writes | one sees |
 * |---|---|
 * | `**bold**`, `*italic*` | bold, italic |
 * | `` `code` `` | code |
 * | a line of three backticks, lines, three backticks | a block of code |
 * | `> ` before a line | a quote |
 * | an `http:`, `https:` or `mailto:` address | a link |
 * | `#room` | a link to that room |
 *
 * Everything else is text as it stands. A mark that is not closed is text too.
 */

const FENCE = /^```([\w+-]*)\n([\s\S]*?)\n?```[^\S\n]*(?:\n|$)/m;
const INLINE = /`([^`\n]+)`|\*\*(?=\S)([^\n]*?\S)\*\*|(?<![\p{L}\p{N}*])\*(?=[^\s*])([^*\n]*[^\s*])\*(?![\p{L}\p{N}*])|((?:https?:\/\/|mailto:)[^\s<>"'`，。；：！？、「」『』【】（）《》]+)|(?<![\p{L}\p{N}&/#])#([\p{L}\p{N}][\p{L}\p{N}_-]{0,63})/giu;

/**
 * @param {string} body
 * @returns {object[]} blocks: `{code, language}`, `{quote: pieces}` and `{pieces}`; pieces: strings, `{bold: pieces}`,
 *   `{italic: pieces}`, `{code: string}`, `{link: string}`, `{room: string}`
 */
export function parse(body) {
  const blocks = [];
  let rest = body;
  for (let fence = FENCE.exec(rest); fence; fence = FENCE.exec(rest)) {
    lines(rest.slice(0, fence.index).replace(/\n$/, ''), blocks);
    blocks.push({ code: fence[2], language: fence[1] });
    rest = rest.slice(fence.index + fence[0].length);
  }
  lines(rest, blocks);
  return blocks;
}

function lines(text, blocks) {
  if (text === '') return;
  for (const part of text.split(/(?:^|\n)((?:> ?[^\n]*(?:\n|$))+)/)) {
    if (!part) continue;
    if (/^> ?/.test(part) && part.split('\n').every((line) => line === '' || line.startsWith('>'))) {
      blocks.push({ quote: inline(part.replace(/^> ?/gm, '').replace(/\n$/, '')) });
    } else {
      blocks.push({ pieces: inline(part) });
    }
  }
}

/** The pieces of a text without blocks. */
export function inline(text) {
  const pieces = [];
  let done = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, italic, address, room] = match;
    if (match.index > done) pieces.push(text.slice(done, match.index));
    done = match.index + whole.length;
    if (code !== undefined) pieces.push({ code });
    else if (bold !== undefined) pieces.push({ bold: inline(bold) });
    else if (italic !== undefined) pieces.push({ italic: inline(italic) });
    else if (room !== undefined) pieces.push({ room });
    else {
      const link = withoutTail(address);
      if (isLink(link)) pieces.push({ link });
      else pieces.push(link);
      if (link.length < address.length) pieces.push(address.slice(link.length));
    }
  }
  if (done < text.length) pieces.push(text.slice(done));
  return pieces;
}

/** An address without the dot or bracket of the sentence around it. */
function withoutTail(address) {
  let link = address;
  for (;;) {
    const last = link.at(-1);
    const opens = { ')': '(', ']': '[', '}': '{' }[last];
    const isTail = /[.,;:!?*_~]/u.test(last) || (opens && count(link, last) > count(link, opens));
    if (!isTail) return link;
    link = link.slice(0, -1);
  }
}

function count(text, char) {
  return text.split(char).length - 1;
}

/** Whether an address may become a link: these schemes alone, whatever the text says. */
export function isLink(address) {
  try {
    const { protocol, hostname, pathname } = new URL(address);
    return protocol === 'mailto:' ? pathname.includes('@') : ['http:', 'https:'].includes(protocol) && hostname !== '';
  } catch {
    return false;
  }
}

const EMOJI_ALONE = /^(?:\p{Regional_Indicator}{2}|\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?(?:\u200D\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?)*|[0-9#*]\uFE0F?\u20E3|\s){1,8}$/u;

/** Whether a message is nothing but a few emoji. */
export function isEmojiAlone(body) {
  return /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20E3/u.test(body) && EMOJI_ALONE.test(body) && !body.includes('\n');
}
