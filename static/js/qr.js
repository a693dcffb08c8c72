/** A QR code of a link, as an SVG. Its code is loaded when the first one is asked for. */
import { s } from './dom.js';

/** Modules of white around it, as ISO/IEC 18004 wants them. */
const QUIET = 4;

/**
 * @param {string} text
 * @param {string} label says what is in it
 */
export async function qrCode(text, label) {
  const { generate } = await import('../vendor/lean-qr.js');
  const code = generate(text);
  const side = code.size + 2 * QUIET;
  let path = '';
  for (let y = 0; y < code.size; y += 1) for (let x = 0; x < code.size; x += 1) if (code.get(x, y)) path += `M${x + QUIET} ${y + QUIET}h1v1h-1z`;
  return s('svg', { class: 'qr', viewBox: `0 0 ${side} ${side}`, role: 'img', 'aria-label': label, 'shape-rendering': 'crispEdges' }, s('rect', { width: side, height: side, fill: '#fff' }), s('path', { d: path, fill: '#000' }));
}
