import type { Clock } from '@tributary/runtime';

/** True when the promise was settled, either way, within the time. Never rejects; the promise itself goes on. */
export async function answeredWithin(promise: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  let cancel = () => {};
  const late = new Promise<boolean>((resolve) => {
    cancel = clock.after(ms, () => resolve(false));
  });
  const answered = promise.then(
    () => true,
    () => true,
  );
  const result = await Promise.race([answered, late]);
  cancel();
  return result;
}
