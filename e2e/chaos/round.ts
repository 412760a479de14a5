import { setTimeout as delay } from 'node:timers/promises';
import { comparePoints } from './check/compare.ts';
import { eventInvariants } from './check/event-invariants.ts';
import type { Facts } from './check/facts.ts';
import { collectAccounts } from './collect/accounts.ts';
import { collectFacts } from './collect/collect.ts';
import { collectCommands } from './collect/commands.ts';
import { collectCoverage } from './collect/coverage.ts';
import { collectEvents } from './collect/events.ts';
import { collectPoints } from './collect/points.ts';
import { inject } from './inject/inject.ts';
import type { Injection, Made } from './inject/injection.ts';
import { Turns } from './inject/lock.ts';
import { healServices } from './inject/processes.ts';
import type { Company } from './load/company.ts';
import { describeFault } from './plan/faults.ts';
import type { Plan } from './plan/plan.ts';
import { Progress } from './progress.ts';
import { SERVICES } from './world/services.ts';
import type { World } from './world/world.ts';

export interface RoundResult {
  facts: Facts;
  /** From the moment in which everything was healed until everything produced was stored. */
  recoveryMs: number;
  /** And until the house was at rest: commands ended, events delivered. */
  restMs: number;
  durationMs: number;
  made: Readonly<Made>;
}

export interface RoundOptions {
  world: World;
  company: Company;
  plan: Plan;
  /** What earlier rounds in the same world have made. */
  made: Made;
  say(text: string): void;
}

const EVERY_MS = 100;
/** So long nothing may move with no fault under way before that counts as standing still. */
const STALL_MS = 120_000;
const DRAIN_MS = 240_000;
const LEAST_PAUSE_MS = 1_000;

/** Does what the plan says, heals everything, waits until the house is at rest, and tells what is known then. */
export async function runRound({ world, company, plan, made, say }: RoundOptions): Promise<RoundResult> {
  const began = performance.now();
  for (const { simulator } of world.platforms) simulator.production.resume();
  const progress = await Progress.begin(world);
  const injection: Injection = { world, progress, turns: new Turns(), made };
  const troubles = { failedFaults: [] as string[], stuck: [] as string[] };
  company.work(progress);
  await hurt(plan, injection, troubles, say);
  troubles.stuck.push(...(await heal(injection)));
  for (const { simulator } of world.platforms) simulator.production.pause();
  await company.rest();
  say(`healed: ${progress.produced} points produced, ${progress.ordered} orders given`);
  const healed = performance.now();
  const recoveryMs = await drain(world, company, troubles.stuck, say);
  const restMs = performance.now() - healed;
  const facts = await collectFacts(world, company, { made, ...troubles });
  return { facts, recoveryMs, restMs, durationMs: performance.now() - began, made };
}

type Troubles = { failedFaults: string[]; stuck: string[] };

async function hurt(plan: Plan, injection: Injection, troubles: Troubles, say: (text: string) => void): Promise<void> {
  const { progress } = injection;
  const waiting = [...plan.faults];
  const underWay = new Set<Promise<void>>();
  const stall = new Stall();
  while (waiting.length > 0 || progress.produced < plan.points) {
    await progress.look();
    const stands = stall.looked(progress, underWay.size);
    if (stands) troubles.stuck.push(`nothing was stored any more at ${progress.stored} of ${progress.produced}`);
    for (const planned of waiting.filter(({ at }) => stands || progress.of(at.measure) >= at.count)) {
      waiting.splice(waiting.indexOf(planned), 1);
      const name = `${planned.number}. ${describeFault(planned.fault)}`;
      say(`${progress.stored} stored, ${progress.produced} produced: ${name}`);
      const done = inject(planned.fault, injection)
        .catch((error: unknown) => {
          troubles.failedFaults.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        })
        .finally(() => underWay.delete(done));
      underWay.add(done);
    }
    await delay(EVERY_MS);
  }
  await Promise.all(underWay);
}

/** Whether storing stands still although nothing is being done to anybody. */
class Stall {
  #stored = -1;
  #since = performance.now();

  looked({ stored }: Progress, underWay: number): boolean {
    if (stored !== this.#stored || underWay > 0) {
      this.#stored = stored;
      this.#since = performance.now();
    }
    if (performance.now() - this.#since < STALL_MS) return false;
    this.#since = performance.now();
    return true;
  }
}

async function heal(injection: Injection): Promise<string[]> {
  const { world } = injection;
  world.backings.healWires();
  for (const { simulator } of world.platforms) {
    simulator.faults.clear();
    await simulator.faults.settled();
  }
  return healServices(
    injection,
    SERVICES.map(({ name }) => name),
  );
}

/** What must come true by itself; what does not is told. Returns how long the first of it took, in milliseconds. */
async function drain(world: World, company: Company, stuck: string[], say: (text: string) => void): Promise<number> {
  const deadline = performance.now() + DRAIN_MS;
  const steps: readonly [string, () => Promise<string | undefined>][] = [
    ['stored', () => pointsLeft(world)],
    ['balanced', () => accountsOpen(world)],
    ['commands', () => commandsOpen(world, company)],
    ['explained', () => stretchesOpen(world)],
    ['events', () => eventsOpen(world, company)],
  ];
  const took: number[] = [];
  for (const [what, left] of steps) {
    const began = performance.now();
    let last: string | undefined;
    for (;;) {
      const looking = performance.now();
      const open = await left().catch((error: unknown) => `cannot look: ${String(error)}`);
      if (open === undefined) break;
      if (open !== last) say(`not ${what} yet: ${open.slice(0, 300)}`);
      last = open;
      if (performance.now() > deadline) {
        stuck.push(`not ${what} after ${Math.round(DRAIN_MS / 1_000)} s: ${open}`);
        break;
      }
      // The wires and the platforms live in this process too: a look must not take their time.
      await delay(Math.max(LEAST_PAUSE_MS, 3 * (performance.now() - looking)));
    }
    took.push(performance.now() - began);
    say(`${what} ${((took.at(-1) ?? 0) / 1_000).toFixed(1)} s later`);
  }
  return took[0] ?? 0;
}

async function pointsLeft(world: World): Promise<string | undefined> {
  const found = (await collectPoints(world)).map((facts) => ({ facts, ...comparePoints(facts) }));
  const open = found.filter(({ missing, wrong }) => missing.length + wrong.length > 0);
  if (open.length === 0) return undefined;
  return open
    .map(({ facts, missing, wrong }) => `${facts.platform}: ${missing.length} missing, ${wrong.length} wrong`)
    .join('; ');
}

/** What was read is known to be committed only once the queues were seen empty. */
async function stretchesOpen(world: World): Promise<string | undefined> {
  const open = (await collectCoverage(world, await collectPoints(world))).flatMap((facts) => facts.open);
  return open.length === 0 ? undefined : `${open.length} stretches, such as ${open[0]}`;
}

async function accountsOpen(world: World): Promise<string | undefined> {
  const open = (await collectAccounts(world)).filter(({ state }) => state !== 'balanced');
  return open.length === 0 ? undefined : open.map(({ workspace, state }) => `${workspace} is ${state}`).join('; ');
}

async function commandsOpen(world: World, company: Company): Promise<string | undefined> {
  const open = (await collectCommands(world, company)).flatMap(({ rows }) =>
    rows.filter(({ state }) => MOVING.has(state)),
  );
  return open.length === 0 ? undefined : `${open.length} commands have not ended`;
}

const MOVING = new Set(['accepted', 'dispatched']);

async function eventsOpen(world: World, company: Company): Promise<string | undefined> {
  const left = await world.database.number('select count(*) as n from outbox');
  if (left !== 0) return `${left} messages in the outbox`;
  const { events } = await collectEvents(world, company);
  const broken = eventInvariants.flatMap((one) => one.broken({ events, outboxLeft: 0, mixed: [] }));
  return broken.length === 0 ? undefined : `${broken.length} events, such as ${broken[0]}`;
}
