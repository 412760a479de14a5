import type { Logger } from '@tributary/runtime';
import type { z } from 'zod';
import type { Actions } from './actions.ts';
import type { Faults } from './faults.ts';
import type { GroundTruth } from './ground-truth.ts';
import type { Journal } from './journal.ts';
import type { ScenarioClock } from './scenario-clock.ts';

/** What a user of the product would type in to connect to a simulator. */
export interface DemoConnection {
  platform: string;
  name: string;
  settings: Record<string, unknown>;
  credentials: Record<string, string>;
}

/** The clockwork that makes data by itself. */
export interface Production {
  readonly paused: boolean;
  pause(): void;
  resume(): void;
}

/** What every simulator offers, whatever its vendor. */
export interface Simulator {
  readonly platform: string;
  /** Where clients of the vendor go. */
  readonly url: string;
  readonly controlUrl: string;
  /** Further addresses by name, such as `mqttUrl`. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly demoConnection: DemoConnection;
  readonly clock: ScenarioClock;
  readonly faults: Faults;
  readonly journal: Journal;
  readonly truth: GroundTruth;
  readonly production: Production;
  readonly actions: Actions;
  stop(): Promise<void>;
}

export interface StartContext {
  host: string;
  log: Logger;
}

/** What a test may ask of any simulator; each has its own defaults for the rest. Ports are the system's choice. */
export interface TestScenario {
  devices?: number;
  signalsPerDevice?: number;
  cadenceMs?: number;
  /** Data that is already there at the start. */
  historyMs?: number;
  /** Whether data is produced by itself from the start. */
  producing?: boolean;
  seed?: number;
  tokenLifeMs?: number;
  clock?: { startAt?: number; speed?: number };
}

/** How a simulator is found and started by programs that know no vendor by name. */
export interface SimulatorManifest {
  platform: string;
  displayName: string;
  /** Environment variables it reads. */
  settings: z.ZodObject;
  /** With default ports. */
  demoConnection: DemoConnection;
  /** `settings` as its schema has read them. */
  start(settings: Record<string, unknown>, context: StartContext): Promise<Simulator>;
  /** Small, on loopback, keeping everything it ever produced. */
  startTest(scenario?: TestScenario): Promise<Simulator>;
}

/** Ties the type of the settings to the start function. */
export function defineSimulator<S extends z.ZodObject>(definition: {
  platform: string;
  displayName: string;
  settings: S;
  demoConnection: DemoConnection;
  start(settings: z.output<S>, context: StartContext): Promise<Simulator>;
  startTest(scenario?: TestScenario): Promise<Simulator>;
}): SimulatorManifest {
  return { ...definition, start: (settings, context) => definition.start(settings as z.output<S>, context) };
}
