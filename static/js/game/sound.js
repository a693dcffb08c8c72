/** A few quiet sounds made on the spot, off unless somebody asks for them. */
import { prefs } from '../prefs.js';

let context = null;

export function soundOn() {
  return prefs.read('sound', false) === true;
}

export function setSound(on) {
  prefs.write('sound', on);
  if (on) drop(0);
}

/** Wood on wood, deeper the further the disc fell. */
export function drop(row) {
  tone({ from: 220 + row * 28, to: 90, seconds: 0.14, shape: 'triangle', volume: 0.25 });
}

/** Three notes up for a win, two down for a loss, one for a draw. */
export function fanfare(outcome) {
  const notes = { won: [523, 659, 784], lost: [392, 311], drawn: [440] }[outcome];
  notes.forEach((pitch, at) => tone({ from: pitch, to: pitch, seconds: 0.3, shape: 'sine', volume: 0.18, after: at * 0.16 }));
}

function tone({ from, to, seconds, shape, volume, after = 0 }) {
  if (!soundOn()) return;
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
