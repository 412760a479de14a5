/** Something the person at the keyboard can mend; shown without a stack. */
export class SetupProblem extends Error {}

const NAME_AFTER_MS = 1_000;
const SIGN_OF_LIFE_MS = 10_000;

export const say = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};

/**
 * One step of the set-up: its name once it takes longer, a sign of life each ten seconds, its time when it is done.
 * `succeeded` is for work that says in its result that it failed.
 */
export async function step<T>(
  title: string,
  work: (progress: (detail: string) => void) => Promise<T>,
  succeeded: (result: T) => boolean = () => true,
): Promise<T> {
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(1);
  let detail = '';
  const name = setTimeout(() => say(`  … ${title}`), NAME_AFTER_MS);
  const sign = setInterval(() => say(`      ${seconds()} s  ${detail.slice(0, 100)}`), SIGN_OF_LIFE_MS);
  try {
    const result = await work((text) => {
      detail = text;
    });
    say(`  ${succeeded(result) ? '✓' : '✗'} ${title} (${seconds()} s)`);
    return result;
  } catch (error) {
    say(`  ✗ ${title} (${seconds()} s)`);
    throw error;
  } finally {
    clearTimeout(name);
    clearInterval(sign);
  }
}
