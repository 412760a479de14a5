import type { Backing } from './backing.ts';

export interface BenchContext {
  backing: Backing;
  quick: boolean;
  say: (line: string) => void;
  /** Directory for CPU profiles of our processes; absent when none are wanted. */
  profiles: string | undefined;
}

/** A part of docs/performance.md. */
export interface BenchResult {
  /** Markdown: what was measured, beside what. */
  text: string;
}

export interface Bench {
  name: string;
  run(context: BenchContext): Promise<BenchResult>;
}

/** For a process of ours whose profile is wanted: written when it ends. */
export const profiling = ({ profiles }: BenchContext, name: string): Record<string, string> =>
  profiles ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profiles} --cpu-prof-name=${name}.cpuprofile` } : {};
