import mqtt from 'mqtt';
import pg from 'pg';
import { deviceOfTopic, type Payload } from './readings.ts';
import '../measuring/leave-with-parent.ts';

/** What both hand-written scripts need; each is otherwise as short as somebody would write it. */
export interface Value {
  series: number;
  ts: Date;
  value: number;
}

const env = (name: string): string => process.env[name] ?? '';
const series = new Map<string, number>();

export const table = env('TABLE');
export const pool = new pg.Pool({ connectionString: env('DATABASE_URL') });

/** Messages are acknowledged as they come, as the client does unless told otherwise. */
export async function onValues(take: (values: Value[]) => void): Promise<void> {
  const client = await mqtt.connectAsync(env('MQTT_URL'), {
    protocolVersion: 4,
    clean: false,
    clientId: env('CLIENT_ID'),
  });
  client.on('message', (topic, bytes) => {
    const { ts, values } = JSON.parse(bytes.toString()) as Payload;
    const device = deviceOfTopic(topic);
    take(
      Object.entries(values).map(([name, value]) => ({
        series: numberOf(`${device}/${name}`),
        ts: new Date(ts),
        value,
      })),
    );
  });
  await client.subscribeAsync(`${env('ROOT')}/+/telemetry`, { qos: 1 });
  console.log(JSON.stringify({ msg: 'ready' }));
}

function numberOf(name: string): number {
  const known = series.get(name);
  if (known !== undefined) return known;
  series.set(name, series.size + 1);
  return series.size;
}
