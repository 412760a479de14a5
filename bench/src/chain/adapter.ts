import { type Adapter, type ConnectionKit, defineAdapter, type StreamItem } from '@tributary/adapter-kit';
import { UnavailableError } from '@tributary/contracts';
import { z } from 'zod';
import { deviceOfTopic } from './readings.ts';

const settings = z.strictObject({ url: z.string(), root: z.string() });
const payload = z.object({ ts: z.number(), values: z.record(z.string(), z.number()) });

/**
 * An adapter as any other, of a platform that is nothing but an MQTT broker. It exists for measuring: its stream is the
 * whole of it, and its live questions fail as those of a platform that is down.
 */
export const adapter = defineAdapter({
  manifest: {
    platform: 'bench',
    displayName: 'Measured platform',
    capabilities: ['telemetry.stream', 'attributes.read'],
    budgets: {},
    schedules: { discover: '1h', follow: '1h' },
  },
  settings,
  credentials: z.strictObject({}),
  connect: ({ settings }, kit): Adapter => ({
    probe: async () => {},
    ...(settings.url === '' ? {} : { stream: { open: (signal) => telemetry(settings, kit, signal) } }),
    attributes: {
      read: async () => {
        throw new UnavailableError('the measured platform is down');
      },
    },
  }),
});

/** A session that outlives the connection, so that nothing is missed; acknowledged once our broker has confirmed. */
async function* telemetry(
  { url, root }: z.output<typeof settings>,
  kit: ConnectionKit,
  signal: AbortSignal,
): AsyncGenerator<StreamItem> {
  const session = await kit.mqtt({ url, clientId: kit.connectionId, clean: false, signal });
  await session.subscribe(`${root}/+/telemetry`, 1, signal);
  for await (const message of session.messages(signal)) {
    const [read] = kit.items(payload, [JSON.parse(Buffer.from(message.payload).toString())], 'telemetry');
    if (!read) {
      message.ack();
      continue;
    }
    const points = Object.entries(read.values).map(([name, value]) => ({ signal: name, tsMs: read.ts, value }));
    yield { type: 'points', device: deviceOfTopic(message.topic), origin: 'live', points, done: () => message.ack() };
  }
}
