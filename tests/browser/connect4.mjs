/** Connect Four: play by mouse and by keyboard, watch, come back, play again, look again. */
import assert from 'node:assert/strict';
import { Tab, profile } from './lib/browser.mjs';
import { check, must } from './lib/report.mjs';

/** Red wins in the fourth column, upright. */
const UPRIGHT = [3, 2, 3, 2, 3, 2, 3];

const discs = (tab, number) => tab.count('.board .disc[data-cell]', number);
const cells = (tab) => tab.page.$$eval('.board .discs .disc', (all) => all.map((disc) => `${disc.classList[1]} ${disc.dataset.cell}`).sort());

/** Whoever is to move has a column offered. */
const toMove = (tab) => tab.page.waitForSelector('.column[aria-disabled="false"]');

async function byMouse(tab, column) {
  await toMove(tab);
  await tab.page.click(`.column[data-column="${column}"]`);
}

async function newGame(tab, { listed, name = '' }) {
  await tab.page.click('#new-game');
  await tab.page.fill('#game-name', name);
  await tab.page.setChecked('#game-listed', listed);
  await tab.page.click('dialog .primary');
  await tab.page.waitForSelector('#invite-link');
  return { invite: await tab.page.inputValue('#invite-link'), watch: await tab.page.inputValue('#watch-link') };
}

export async function run({ browser, server }) {
  const context = await profile(browser);
  const red = await Tab.open(context, server.url);
  await red.callMyself('Ada');
  const { invite, watch } = await newGame(red, { listed: false });

  await must('a new game waits, and gives an invitation and a link to watch', async () => {
    assert.match(invite, /#join=./);
    assert.match(watch, /#watch=./);
    await red.hasText('#game-status', 'Waiting');
    assert.equal(await red.page.locator('.column[aria-disabled="false"]').count(), 0);
    await red.page.click('#invite-link-copy');
    assert.equal(await red.page.evaluate(() => navigator.clipboard.readText()), invite);
  });
  await red.pictures('game-waiting');

  await check('who opens their own invitation is back at their own seat', async () => {
    await red.page.goto(invite);
    await red.connected();
    await red.hasText('#player-red', 'you');
    await red.hasText('#game-status', 'Waiting');
    assert.equal(await red.page.inputValue('#invite-link'), invite);
  });

  const his = await profile(browser);
  const yellow = await Tab.open(his, invite);
  await yellow.callMyself('Bob');

  await must('the invitation opens straight into the game, as yellow', async () => {
    await yellow.hasText('#player-yellow', 'you');
    await red.hasText('#player-yellow', 'Bob');
    await red.hasText('#game-status', 'Your turn. You are red.');
    await yellow.hasText('#game-status', 'Ada (red) is thinking.');
    assert.equal(await yellow.page.locator('.column[aria-disabled="false"]').count(), 0);
    assert.equal(yellow.page.url(), invite);
  });

  await check('a column off-turn does nothing', async () => {
    await yellow.page.click('.column[data-column="3"]', { force: true });
    await yellow.page.keyboard.press('4');
    assert.deepEqual(await cells(yellow), []);
  });

  await check('the column under the pointer previews the disc', async () => {
    await red.page.hover('.column[data-column="5"]');
    await red.count('.ghost .disc.red', 1);
    await red.page.mouse.move(2, 2);
    await red.count('.ghost .disc', 0);
  });

  let eve;
  const hers = await profile(browser);
  await must('a whole game by mouse, watched from the middle', async () => {
    for (const [ply, column] of UPRIGHT.entries()) {
      await byMouse(ply % 2 === 0 ? red : yellow, column);
      for (const tab of [red, yellow]) await discs(tab, ply + 1);
      if (ply === 2) {
        eve = await Tab.open(hers, watch);
        await discs(eve, 3);
        await eve.hasText('#game-status', 'Bob (yellow) is thinking.');
        for (const tab of [red, yellow, eve]) await tab.hasText('#spectators', '1 watching');
      }
      if (ply === 4) await red.pictures('game-playing');
    }
    assert.deepEqual(await cells(eve), await cells(red));
    assert.deepEqual(await cells(yellow), await cells(red));
  });

  await check('the end is a sentence, four discs shine, the last move was marked', async () => {
    await red.hasText('#game-status', 'You win with four in a line!');
    await yellow.hasText('#game-status', 'Ada wins with four in a line.');
    await eve.hasText('#game-status', 'Ada wins with four in a line.');
    for (const tab of [red, yellow, eve]) {
      await tab.count('.disc.winning', 4);
      await tab.count('.shine', 4);
      assert.equal(await tab.page.locator('.column[aria-disabled="false"]').count(), 0);
    }
    await eve.hasText('#log .system', 'Ada wins the game.');
  });
  await red.pictures('game-won');

  await must('a rematch, agreed by both; the other begins', async () => {
    await red.page.click('#rematch');
    await yellow.hasText('#rematch', 'Accept');
    await eve.hasText('#log .system', 'would like a rematch');
    await yellow.page.click('#rematch');
    for (const tab of [red, yellow, eve]) await discs(tab, 0);
    await yellow.hasText('#game-status', 'Your turn');
  });

  await check('moves are announced', async () => {
    await byMouse(yellow, 6);
    await red.hasText('#announcer', 'yellow drops in column 7, row 1.');
    await byMouse(red, 6);
    await eve.hasText('#announcer', 'red drops in column 7, row 2.');
  });

  await check('the ring about the last disc comes when that disc has landed', async () => {
    for (const tab of [red, yellow, eve]) {
      await tab.page.waitForSelector('.last.landing', { state: 'attached' });
      const { fall, ring, delay, wanted } = await tab.page.evaluate(() => {
        const mark = document.querySelector('.last.landing');
        const disc = document.querySelector('.disc[data-cell="6,1"] .fall');
        return { fall: getComputedStyle(disc).animationDuration, ring: getComputedStyle(mark).animationName, delay: getComputedStyle(mark).animationDelay, wanted: mark.style.getPropertyValue('--drop-time') };
      });
      assert.match(wanted, /^\d+ms$/);
      assert.equal(ring, 'land');
      assert.equal(Number.parseFloat(delay) * 1000, Number.parseFloat(wanted), `${delay} ${wanted}`);
      assert.equal(fall, delay);
    }
  });

  await must('a tab reloads mid-game and plays on', async () => {
    await yellow.page.reload();
    await yellow.connected();
    await discs(yellow, 2);
    await yellow.hasText('#game-status', 'Your turn. You are yellow.');
    await byMouse(yellow, 5);
    for (const tab of [red, yellow, eve]) await discs(tab, 3);
    await red.page.reload();
    await red.connected();
    await red.hasText('#game-status', 'Your turn. You are red.');
  });

  await must('who is away in their turn has a countdown, which ends on coming back', async () => {
    await red.page.goto('about:blank');
    await yellow.hasText('#player-red .countdown', 'forfeits in');
    await eve.hasText('#player-red .countdown', 'forfeits in');
    await red.page.goBack();
    await red.connected();
    await yellow.until(() => document.querySelector('#player-red .countdown') === null);
    await red.hasText('#game-status', 'Your turn. You are red.');
  });

  await must('the server is killed mid-game; restarted, the game goes on', async () => {
    const before = await cells(red);
    await server.kill();
    for (const tab of [red, yellow, eve]) await tab.until(() => document.getElementById('connection')?.dataset.state !== 'open');
    await server.up();
    for (const tab of [red, yellow, eve]) await tab.connected();
    assert.deepEqual(await cells(red), before);
    await byMouse(red, 5);
    for (const tab of [red, yellow, eve]) await discs(tab, 4);
    await byMouse(yellow, 5);
    for (const tab of [red, yellow, eve]) await discs(tab, 5);
    assert.deepEqual(await cells(eve), await cells(yellow));
  });

  await check('a spectator cannot move, whatever it sends', async () => {
    const before = await cells(red);
    await eve.page.click('.column[data-column="0"]', { force: true });
    await eve.page.keyboard.press('1');
    const key = new URLSearchParams(new URL(watch).hash.slice(1)).get('watch');
    const [joined] = await eve.raw([{ type: 'join', key }]);
    const { room } = joined;
    const answers = await eve.raw([{ type: 'join', key }, { type: 'play', room, column: 0 }, { type: 'resign', room }, { type: 'rematch', room }, { type: 'join', key, seat: 'guessed' }, { type: 'play', room, column: 0 }]);
    assert.deepEqual(answers.slice(1, 4).map(({ code }) => code), ['not_a_player', 'not_a_player', 'not_a_player']);
    assert.equal(answers[5].type, 'error');
    await red.connected();
    assert.deepEqual(await cells(red), before);
  });

  await must('resigning asks first', async () => {
    await red.page.click('#resign');
    await red.hasText('dialog', 'Resign this game?');
    await red.page.keyboard.press('Escape');
    await red.count('dialog', 0);
    await yellow.hasText('#game-status', 'Ada (red) is thinking.');
    await red.page.click('#resign');
    await red.page.click('dialog .danger');
    await yellow.hasText('#game-status', 'Ada resigned. You win!');
    await red.hasText('#game-status', 'You resigned. Bob wins.');
    await eve.hasText('#game-status', 'Ada resigned. Bob wins.');
  });

  await check('a game can be looked at again, step by step, by a link of its own', async () => {
    await eve.page.click('#replay');
    await eve.page.waitForSelector('#replay-range');
    const link = await eve.page.inputValue('#replay-link');
    const other = await profile(browser);
    const late = await Tab.open(other, link.replace(/&game=\d+/, '&game=1'));
    await discs(late, UPRIGHT.length);
    await late.count('.disc.winning', 4);
    await late.hasText('#replay-status', 'Ada wins with four in a line.');
    await late.page.click('#replay-back');
    await discs(late, UPRIGHT.length - 1);
    await late.page.keyboard.press('ArrowLeft');
    await discs(late, UPRIGHT.length - 2);
    await late.hasText('#replay-status', 'red drops in column 4, row 3.');
    await late.page.click('#replay-first');
    await discs(late, 0);
    await late.page.click('#replay-play');
    await discs(late, UPRIGHT.length);
    await late.page.selectOption('#replay-game', '2');
    await discs(late, 5);
    await late.pictures('game-replay');
    // A replay has no message box to skip to.
    await late.page.focus('.skip');
    assert.equal(await late.text('.skip'), 'Skip to the replay');
    await late.page.keyboard.press('Enter');
    await late.until(() => document.activeElement?.id === 'stage');
    assert.equal(late.page.url(), link.replace(/&game=\d+/, '&game=2'));
    await late.page.keyboard.press('Tab');
    assert.ok(await late.page.evaluate(() => document.getElementById('stage').contains(document.activeElement)));
    assert.deepEqual(await late.axe(), []);
    assert.deepEqual(late.troubles, []);
    await other.close();
    await eve.page.goBack();
    await eve.hasText('#game-status', 'Bob wins');
    assert.equal(await eve.text('.skip'), 'Skip to the message box');
  });

  await check('names in what the room did lead to their people', async () => {
    await eve.page.locator('#log .system-name:has-text("Bob")').first().click();
    await eve.hasText('#title', 'Bob');
    await eve.hasText('#subtitle-kind', 'Private');
    await eve.page.goBack();
    await eve.hasText('#game-status', 'Bob wins');
    // One's own name leads nowhere.
    assert.deepEqual(await red.page.$$eval('#log .system-name', (names) => names.map((name) => name.textContent).filter((name) => name === 'Ada')), []);
  });

  await must('a listed table stands in the list: sit, watch, and a whole game by keyboard', async () => {
    await newGame(red, { listed: true, name: 'Club night' });
    await eve.page.click('.entry:has-text("Club night") .chip-button:has-text("Watch")');
    await eve.hasText('#title', 'Club night');
    await eve.hasText('#game-status', 'Waiting for a second player.');
    await yellow.page.click('.entry:has-text("Club night") .chip-button:has-text("Play")');
    await yellow.hasText('#player-yellow', 'you');
    const press = async (tab, ...keys) => {
      await toMove(tab);
      for (const key of keys) await tab.page.keyboard.press(key);
    };
    await toMove(red);
    await red.page.focus('.column[tabindex="0"]');
    await press(red, 'ArrowRight', 'Enter');
    await discs(yellow, 1);
    await press(yellow, '1');
    for (const [ply, [tab, key]] of [[red, '5'], [yellow, '1'], [red, '5'], [yellow, '2'], [red, '5']].entries()) {
      await press(tab, key);
      await discs(tab, ply + 3);
    }
    await red.hasText('#game-status', 'You win');
    await yellow.hasText('#announcer', 'Ada wins with four in a line.');
  });

  for (const theme of ['light', 'dark']) {
    await check(`axe finds nothing at the table in the ${theme} theme`, async () => {
      await red.theme(theme);
      assert.deepEqual(await red.axe(), []);
      await red.page.setViewportSize({ width: 360, height: 740 });
      assert.deepEqual(await red.axe(), []);
      await red.page.setViewportSize({ width: 1280, height: 800 });
    });
  }

  await check('at 360 pixels the board fills the screen, and nothing scrolls sideways', async () => {
    await red.page.setViewportSize({ width: 360, height: 740 });
    const { width } = await red.page.locator('.board').boundingBox();
    assert.equal(Math.round(width), 360);
    assert.equal(await red.overflows(), false);
    await red.page.setViewportSize({ width: 1280, height: 800 });
  });

  await check('with less motion wanted, discs do not fall', async () => {
    await red.page.emulateMedia({ reducedMotion: 'reduce' });
    await red.page.click('#rematch');
    await yellow.page.click('#rematch');
    await byMouse(yellow, 3);
    await discs(red, 1);
    const names = await red.page.$$eval('.discs .fall', (all) => all.map((one) => getComputedStyle(one).animationName));
    assert.deepEqual(names, ['none']);
    await discs(yellow, 1);
    assert.deepEqual(await yellow.page.$$eval('.discs .fall', (all) => all.map((one) => getComputedStyle(one).animationName)), ['fall']);
  });

  await check('a wrong key is refused in words, and leads to the lobby', async () => {
    const lost = await Tab.open(context, `${server.url}?join=nothing-opens-with-this`);
    await lost.hasText('.toast', 'no such room');
    await lost.hasText('#title', 'lobby');
    assert.deepEqual(lost.troubles, []);
  });

  await check('nothing was said on a console', async () => {
    for (const tab of [red, yellow, eve]) assert.deepEqual(tab.troubles, []);
  });
  for (const one of [context, his, hers]) await one.close();
}
