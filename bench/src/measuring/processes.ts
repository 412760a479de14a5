import { readdirSync, readFileSync } from 'node:fs';

/** Microseconds in a tick of /proc: the kernel reports at 100 Hz to programs, whatever it counts with. */
const TICK_US = 10_000;

interface Stat {
  parent: number;
  /** User and system time, its own and that of the children it has waited for. Microseconds. */
  cpuUs: number;
}

/** Undefined when there is no such process (any more). */
function statOf(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ESRCH')
      return undefined;
    throw error;
  }
  // The name may hold spaces and brackets; what follows the last bracket does not.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = [11, 12, 13, 14].reduce((sum, place) => sum + Number(fields[place]), 0);
  return { parent: Number(fields[1]), cpuUs: ticks * TICK_US };
}

const allPids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** CPU time of a process and of its children that live; those that have ended are counted by their parent. */
export function cpuOf(pid: number): number {
  const own = statOf(pid)?.cpuUs ?? 0;
  return allPids().reduce((sum, child) => {
    const stat = statOf(child);
    return stat?.parent === pid ? sum + stat.cpuUs : sum;
  }, own);
}

/** Resident memory in bytes; 0 when there is no such process. */
export function residentBytes(pid: number): number {
  try {
    const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return Number(kib ?? 0) * 1024;
  } catch {
    return 0;
  }
}

export interface Running {
  args: string[];
  environment: string[];
}

/** The process that fits; of several, the one that started the others. Throws when there is none. */
export function findProcess(what: string, fits: (running: Running) => boolean): number {
  const found = allPids().filter((pid) => fits({ args: list(pid, 'cmdline'), environment: list(pid, 'environ') }));
  const [pid] = found.filter((one) => !found.includes(statOf(one)?.parent ?? 0));
  if (pid === undefined) throw new Error(`there is no process of ${what}`);
  return pid;
}

/** Empty for a process that has gone, or is another user's. */
function list(pid: number, file: 'cmdline' | 'environ'): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1').split('\0');
  } catch {
    return [];
  }
}

/** What the named processes have used, to be subtracted from a later reading. Microseconds by name. */
export type CpuReading = Record<string, number>;

export const readCpu = (pids: Record<string, number>): CpuReading =>
  Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuOf(pid)]));

export const cpuSince = (before: CpuReading, now: CpuReading): CpuReading =>
  Object.fromEntries(Object.entries(now).map(([name, us]) => [name, us - (before[name] ?? 0)]));
