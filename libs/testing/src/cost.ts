/**
 * Milliseconds of processor time that `work` takes: the least of five runs, after one to warm up. For comparing two
 * pieces of work in one test; as an absolute limit it would judge the machine.
 */
export function costOf(work: () => unknown): number {
  work();
  return Math.min(
    ...Array.from({ length: 5 }, () => {
      const before = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    }),
  );
}
