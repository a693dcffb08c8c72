/** A few quiet sounds made on the spot: one for my turn, the others for who asks for them. */
import { prefs } from '../prefs.js';

let context = null;

/** `off`, `turn`: only when it is my turn, or `on`. */
export function sounds() {
  return { true: 'on', false: 'off' }[prefs.read('sound', null)] ?? 'turn';
}

export function setSounds(which) {
  prefs.write('sound', { on: true, off: false }[which] ?? null);
  if (which === 'on') drop(0);
  if (which === 'turn') chime();
}

/** Two soft notes: it is my turn. Browsers allow it once somebody has clicked or typed. */
export function chime() {
  if (sounds() === 'off' || navigator.userActivation?.hasBeenActive === false) return;
  for (const [at, pitch] of [587, 784].entries()) tone({ from: pitch, to: pitch, seconds: 0.35, shape: 'sine', volume: 0.08, after: 0.25 + at * 0.13 });
}

/** Wood on wood, deeper the further the disc fell. */
export function drop(row) {
  if (sounds() !== 'on') return;
  tone({ from: 220 + row * 28, to: 90, seconds: 0.14, shape: 'triangle', volume: 0.25 });
}

/** Three notes up for a win, two down for a loss, one for a draw. */
export function fanfare(outcome) {
  if (sounds() !== 'on') return;
  const notes = { won: [523, 659, 784], lost: [392, 311], drawn: [440] }[outcome];
  notes.forEach((pitch, at) => tone({ from: pitch, to: pitch, seconds: 0.3, shape: 'sine', volume: 0.18, after: at * 0.16 }));
}

function tone({ from, to, seconds, shape, volume, after = 0 }) {
  try {
    context ??= new AudioContext();
    context.resume();
    const begin = context.currentTime + after;
    const voice = context.createOscillator();
    const gain = context.createGain();
    voice.type = shape;
    voice.frequency.setValueAtTime(from, begin);
    voice.frequency.exponentialRampToValueAtTime(to, begin + seconds);
    gain.gain.setValueAtTime(volume, begin);
    gain.gain.exponentialRampToValueAtTime(0.001, begin + seconds);
    voice.connect(gain).connect(context.destination);
    voice.start(begin);
    voice.stop(begin + seconds);
  } catch {
    // No audio here: a game is played with the eyes.
  }
}
