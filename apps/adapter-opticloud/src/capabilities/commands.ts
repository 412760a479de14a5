import type { Adapter, Call, Checkpoint, Clock, Command, CommandReceipt, NativeId } from '@tributary/adapter-kit';
import { type CommandDescription, InvalidRequestError, isPlatformError } from '@tributary/contracts';
import { z } from 'zod';
import type { OpticloudClient } from '../client.ts';
import { instant, isFromDevice, isListAnswer } from '../mapping.ts';
import type { CommunicationEntry } from '../wire.ts';
import { OpenOrders } from './commands.open-orders.ts';
import { readLog } from './platform-events.ts';

const listFiles = z
  .strictObject({
    from: z.iso.datetime({ offset: true }).describe('Files that touch this time or later ones.'),
    to: z.iso.datetime({ offset: true }).describe('Files that touch this time or earlier ones.'),
    tag: z.string().min(1).max(100).default('preview').describe('Which of the recordings of the device.'),
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), 'from must be before to');

const description: CommandDescription = {
  name: 'list-files',
  description:
    'Asks the device for the files it holds. The platform keeps the order until the device next connects and offers no way to take it back: one whose deadline has passed may still reach the device.',
  params: z.toJSONSchema(listFiles, { io: 'input' }) as CommandDescription['params'],
  idempotent: false,
  evidence: ['queued', 'delivered', 'confirmed'],
};

export interface CommandsOptions {
  client: OpticloudClient;
  clock: Clock;
  pageSize: number;
}

/** How far back the newest entry of a log is looked for before an order is given. */
const BEFORE_MS = 3_600_000;

export class Commands implements NonNullable<Adapter['commands']> {
  readonly #open = new OpenOrders();

  constructor(private readonly options: CommandsOptions) {}

  describe(): CommandDescription[] {
    return [description];
  }

  /** OPTI-13. A 2xx says that the platform holds the order, and no more. */
  async execute(command: Command, signal: AbortSignal): Promise<CommandReceipt> {
    const { from, to, tag } = readParams(command);
    const call: Call = { lane: 'command', signal };
    const newestMs = await this.#newestEntry(command.device, call);
    const order = { startTime: instant(Date.parse(from)), endTime: instant(Date.parse(to)), tag };
    const { status, headers } = await this.options.client.requestList(command.device, order, call);
    const acceptedAtMs = Date.parse(headers.date ?? '') || this.options.clock.now();
    const ahead = this.#open.add(command.device, acceptedAtMs);
    return {
      state: 'queued',
      evidence: {
        kind: 'platform-answer',
        detail: 'optiCLOUD holds the order until the device next connects',
        data: { status, acceptedAt: instant(acceptedAtMs) },
      },
      reference: { acceptedAtMs, ahead, ...(newestMs === undefined ? {} : { newestMs }) },
    };
  }

  /** Reads the log: that the device has called in since, and that its list has come. */
  async follow(command: Command, reference: Checkpoint, signal: AbortSignal): Promise<CommandReceipt | undefined> {
    const { acceptedAtMs, newestMs, ahead } = reference;
    if (typeof acceptedAtMs !== 'number') return undefined;
    // The Date header is cut to seconds, so the newest entry from before the order narrows it.
    const afterMs = Math.max(acceptedAtMs - 1, typeof newestMs === 'number' ? newestMs : 0);
    const since = await this.#entriesAfter(command.device, afterMs, { lane: 'command', signal });
    const answer = since.filter(isListAnswer)[typeof ahead === 'number' ? ahead : 0];
    if (answer)
      return receipt('confirmed', 'the list of files that the device sent is in the communication log', answer);
    const contact = since.find(isFromDevice);
    return contact && receipt('delivered', 'the device has connected since the order was accepted', contact);
  }

  /** An order must not fail because the log cannot be read; it is then followed with less to go by. */
  async #newestEntry(device: NativeId, call: Call): Promise<number | undefined> {
    const sinceMs = this.options.clock.now() - BEFORE_MS;
    try {
      const entries = await this.#entriesAfter(device, Math.min(sinceMs, this.#open.oldest(device) ?? sinceMs), call);
      return entries.at(-1)?.time;
    } catch (error) {
      if (isPlatformError(error)) return undefined;
      throw error;
    }
  }

  /** Oldest first. */
  async #entriesAfter(device: NativeId, afterMs: number, call: Call): Promise<CommunicationEntry[]> {
    const { client, clock, pageSize } = this.options;
    const found: CommunicationEntry[] = [];
    for await (const page of readLog(client, device, { fromMs: afterMs, toMs: clock.now() }, pageSize, call)) {
      found.push(...page.filter(({ time }) => time > afterMs));
    }
    found.sort((a, b) => a.time - b.time);
    this.#open.answered(
      device,
      found.filter(isListAnswer).map(({ time }) => time),
    );
    return found;
  }
}

function readParams({ name, params }: Command): z.output<typeof listFiles> {
  if (name !== description.name) throw new InvalidRequestError('optiCLOUD knows one command: list-files');
  const read = listFiles.safeParse(params);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => `${path.join('.') || 'params'}: ${message}`);
  throw new InvalidRequestError(`list-files: ${problems.join('; ')}`);
}

const receipt = (state: 'delivered' | 'confirmed', detail: string, entry: CommunicationEntry): CommandReceipt => ({
  state,
  evidence: {
    kind: 'platform-log',
    detail,
    data: {
      type: entry.type,
      time: instant(entry.time),
      ...(entry.content === undefined ? {} : { content: entry.content }),
    },
  },
});
