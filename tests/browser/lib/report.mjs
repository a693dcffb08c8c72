/** One line per check, and the count of them at the end. */
let passed = 0;
let failed = 0;
let area = '';

export function scenario(name) {
  area = name;
}

/** Run one check; a failed one does not keep the others from running. */
export async function check(name, act) {
  const began = performance.now();
  try {
    await act();
    passed += 1;
    console.log(`ok ${area}: ${name} (${Math.round(performance.now() - began)} ms)`);
    return true;
  } catch (error) {
    failed += 1;
    console.log(`not ok ${area}: ${name}`);
    for (const line of String(error?.stack ?? error).split('\n').slice(0, 14)) console.log(`    ${line}`);
    return false;
  }
}

/** A check that the following ones stand on: without it the scenario ends. */
export async function must(name, act) {
  if (!(await check(name, act))) throw new Error(`nothing can follow on "${name}"`);
}

export function close() {
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0;
}
