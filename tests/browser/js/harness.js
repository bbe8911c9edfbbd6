/** A few lines that are all the test framework that these modules need. */

const tests = [];

export function test(name, run) {
  tests.push({ name, run });
}

export function equal(actual, expected, what = "value") {
  const [got, wanted] = [actual, expected].map((value) => JSON.stringify(value));
  if (got !== wanted) throw new Error(`${what}: got ${got}, wanted ${wanted}`);
}

export function ok(value, what = "condition") {
  if (!value) throw new Error(`${what} does not hold`);
}

export async function rejects(promise, code) {
  try {
    await promise;
  } catch (error) {
    equal(error.code, code, "code of the error");
    return error;
  }
  throw new Error("nothing was refused");
}

/** One after the other: a test that never ends is told by the page's time limit. */
export async function report() {
  const results = [];
  for (const { name, run } of tests) {
    try {
      await run();
      results.push({ name, error: null });
    } catch (error) {
      results.push({ name, error: String(error.stack ?? error) });
    }
  }
  window.results = results;
}
