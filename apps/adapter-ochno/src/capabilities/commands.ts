import type { Adapter, Call, Checkpoint, Clock, Command, CommandReceipt, NativeId } from '@tributary/adapter-kit';
import { type CommandDescription, InvalidRequestError, isPlatformError, UnavailableError } from '@tributary/contracts';
import { z } from 'zod';
import type { OchnoClient } from '../client.ts';
import type { Companies } from '../companies.ts';
import type { Inventory } from '../inventory.ts';
import { leavesOf } from '../leaves.ts';
import { action, timeOf } from '../mapping.ts';
import { isSettable, type PortStates } from '../port-states.ts';
import { actionTopic, type Place } from '../topics.ts';

const LAMP = 'lamp.level';
const params = z.strictObject({ level: z.number().min(0).max(100).describe('Percent.') });
/** An order that a restart has found long past its deadline is as it is. */
const READ_BACK_WITHIN_MS = 60_000;
const MOST_REMEMBERED = 1_000;
const paramsSchema = z.toJSONSchema(params, { io: 'input' }) as CommandDescription['params'];

export interface CommandsOptions {
  client: OchnoClient;
  companies: Companies;
  inventory: Inventory;
  states: PortStates;
  clock: Clock;
}

const instant = (ms: number): string => new Date(ms).toISOString();

/** OCHNO-11: orders go out and nothing answers. What became of one, only the port's own messages tell. */
export class Commands implements NonNullable<Adapter['commands']> {
  readonly #options: CommandsOptions;
  readonly #readBackOf = new Set<string>();

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /** What the port has that can be set; of a port that nobody has heard of, what the vendor documents. */
  describe(device: NativeId): CommandDescription[] {
    const { inventory, states } = this.#options;
    if (inventory.kindOf(device) === 'hub') return [];
    const values = states.values(device);
    if (!values) return [descriptionOf(LAMP)];
    return [...values].filter(([signal, value]) => isSettable(signal, value)).map(([signal]) => descriptionOf(signal));
  }

  /** Is there a topic, and somebody who would take it? */
  async prepare(command: Command, signal: AbortSignal): Promise<void> {
    readParams(command);
    const { place } = await this.#wayOut(command, signal);
    await this.#learn(place, signal);
  }

  /** What the port says from now on counts, so what it said last must be known. Without an answer less is proven. */
  async #learn({ company, port }: Place, signal: AbortSignal): Promise<void> {
    const { client, companies, states } = this.#options;
    if (companies.standsSince(company) !== undefined && states.newest(port) !== undefined) return;
    try {
      const data = (await client.port(port, { lane: 'command', signal })).data ?? {};
      const [leaves, tMs] = [leavesOf(data), timeOf(data)];
      if (leaves && tMs !== undefined) states.say(port, leaves, tMs);
    } catch (error) {
      if (!isPlatformError(error)) throw error;
    }
  }

  async execute(command: Command, signal: AbortSignal): Promise<CommandReceipt> {
    const { states, clock } = this.#options;
    const { level } = readParams(command);
    const { place, topic, publish } = await this.#wayOut(command, signal);
    const afterT = states.newest(place.port);
    const sentAtMs = clock.now();
    await publish(topic, JSON.stringify(action(place, command.name, level)), signal);
    return {
      state: 'dispatched',
      evidence: {
        kind: 'platform-answer',
        detail: 'the platform’s broker took the order; the port has not spoken yet',
      },
      reference: { sentAtMs, takenAtMs: clock.now(), ...(afterT === undefined ? {} : { afterT }) },
    };
  }

  /** Listens; at the deadline asks once. */
  async follow(command: Command, reference: Checkpoint, signal: AbortSignal): Promise<CommandReceipt | undefined> {
    const { states, clock } = this.#options;
    const { sentAtMs: sinceMs, afterT, takenAtMs } = reference;
    if (typeof sinceMs !== 'number') return undefined;
    const { level: value } = readParams(command);
    const after = typeof afterT === 'number' ? afterT : sinceMs;
    const sent = {
      sentAt: instant(sinceMs),
      ...(typeof takenAtMs === 'number' ? { takenAt: instant(takenAtMs) } : {}),
    };
    const heard = states.heard(command.device, command.name, {
      value,
      sinceMs,
      afterT: typeof afterT === 'number' ? afterT : Number.NEGATIVE_INFINITY,
    });
    if (heard) {
      const said = { [command.name]: value, t: heard.tMs, receivedAt: instant(heard.receivedAtMs) };
      return confirmed('platform-log', `a message of the port shows ${command.name} ${value}`, { ...sent, ...said });
    }
    if (clock.now() < command.expiresAtMs) return undefined;
    return this.#readBack(command, value, after, sent, signal);
  }

  /** The message may have come while nobody listened. A state that is not newer than the order proves nothing. */
  async #readBack(
    command: Command,
    value: number,
    afterT: number,
    sent: Record<string, string>,
    signal: AbortSignal,
  ): Promise<CommandReceipt | undefined> {
    // Once: later only a message can tell.
    if (this.#readBackOf.has(command.id)) return undefined;
    if (this.#options.clock.now() - command.expiresAtMs > READ_BACK_WITHIN_MS) return undefined;
    if (this.#readBackOf.size >= MOST_REMEMBERED) this.#readBackOf.clear();
    this.#readBackOf.add(command.id);
    const data = (await this.#options.client.port(command.device, { lane: 'command', signal })).data ?? {};
    const tMs = timeOf(data);
    const shown = leavesOf(data)?.get(command.name);
    if (shown !== value || tMs === undefined || tMs <= afterT) return undefined;
    return confirmed('read-back', `the port’s data show ${command.name} ${value}`, { ...sent, t: tMs });
  }

  async #wayOut({ device, name }: Command, signal: AbortSignal) {
    const { inventory, companies } = this.#options;
    const call: Call = { lane: 'command', signal };
    const place = await inventory.locate(device, call);
    const topic = actionTopic(place);
    const publish = await wayOut(companies, place.company, signal);
    if (!publish) {
      throw new UnavailableError(`OCHNO-11: ${name} waits for the stream to stand again`, { platformCode: 'not-sent' });
    }
    return { place, topic, publish };
  }
}

/** Not to have got through to the broker is no refusal of the order. */
async function wayOut(companies: Companies, company: string, signal: AbortSignal) {
  try {
    return await companies.wayOut(company, signal);
  } catch (error) {
    if (!isPlatformError(error) || !['unavailable', 'timeout'].includes(error.code)) throw error;
    throw new UnavailableError(error.message, { cause: error, platformCode: 'not-sent' });
  }
}

const descriptionOf = (signal: string): CommandDescription => ({
  name: signal,
  description: `Sets ${signal} of the plugged device. Nothing answers: it is confirmed when the port says so.`,
  params: paramsSchema,
  idempotent: false,
  evidence: ['dispatched', 'confirmed'],
});

function readParams({ name, params: given }: Command): z.output<typeof params> {
  const read = params.safeParse(given);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => `${path.join('.') || 'params'}: ${message}`);
  throw new InvalidRequestError(`${name}: ${problems.join('; ')}`);
}

const confirmed = (
  kind: 'platform-log' | 'read-back',
  detail: string,
  data: NonNullable<CommandReceipt['evidence']['data']>,
): CommandReceipt => ({ state: 'confirmed', evidence: { kind, detail, data } });
