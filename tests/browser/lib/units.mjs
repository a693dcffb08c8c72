/** Unit tests beside the scenarios: Node's runner runs them, and each counts as a check. */
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { check } from './report.mjs';

export async function units(file) {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  const done = [];
  for await (const { type, data } of run({ files: [path] })) {
    if (type === 'test:pass' || type === 'test:fail') done.push(data);
  }
  for (const { name, details } of done.filter(({ name }) => name !== path)) {
    await check(name, () => {
      if (details.error) throw details.error.cause ?? details.error;
    });
  }
  await check(`${file} has tests`, () => {
    if (done.length < 2) throw done[0]?.details.error ?? new Error('no test ran');
  });
}
