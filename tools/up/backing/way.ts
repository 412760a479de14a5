import { setTimeout as delay } from 'node:timers/promises';
import { NOTHING_LISTENS } from './probes.ts';
import type { BackingService } from './services.ts';

export interface Missing {
  service: BackingService;
  problems: string[];
}

export interface WayOptions {
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Takes, before anything is started, how to stop it. */
  onStop(stop: () => Promise<void>): void;
}

export interface WayResult {
  started: { service: BackingService; url: string; where: string }[];
  missing: Missing[];
}

/** One way to start what is missing. What it cannot start it hands back, with what it knows about why. */
export type Way = (wanted: Missing[], options: WayOptions) => Promise<WayResult>;

export const allStarted = ({ missing }: WayResult): boolean => missing.length === 0;

/** Nobody else has the port. */
export const mayBeOurs = (problems: string[]): boolean => problems.every((problem) => problem === NOTHING_LISTENS);

const START_PATIENCE_MS = 90_000;
const PAUSE_MS = 500;

/** Undefined once `check` finds no problem; the last problem when the patience is over. */
export async function untilNoProblem(
  check: () => Promise<string | undefined>,
  signal: AbortSignal,
  patienceMs = START_PATIENCE_MS,
): Promise<string | undefined> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    signal.throwIfAborted();
    const problem = await check();
    if (problem === undefined) return undefined;
    if (performance.now() > deadline) return `${problem}, still after ${patienceMs / 1000} s`;
    await delay(PAUSE_MS);
  }
}

interface Waiting {
  where: string;
  urlOf: (service: BackingService) => string;
  /** Where the reason may stand when a service does not come. */
  logOf: (service: BackingService) => string;
  progress: (detail: string) => void;
  signal: AbortSignal;
}

/** Waits for services that were just started. */
export async function waitForAll(services: BackingService[], waiting: Waiting): Promise<WayResult> {
  const { where, urlOf, logOf, progress, signal } = waiting;
  const result: WayResult = { started: [], missing: [] };
  for (const service of services) {
    progress(`waiting for ${service.name}`);
    const url = urlOf(service);
    const problem = await untilNoProblem(() => service.probe(url), signal);
    if (problem === undefined) result.started.push({ service, url, where });
    else result.missing.push({ service, problems: [`started with ${where}, but: ${problem}; see ${logOf(service)}`] });
  }
  return result;
}
