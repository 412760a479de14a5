import mqtt, { type MqttClient } from 'mqtt';
import { answerQuestions } from '../measuring/child.ts';
import { type Payload, type Readings, readingOf, topicOf } from './readings.ts';

/** The devices: publishes a round's messages at QoS 1 and answers when the broker has them all. Not part of any measure. */
export interface DevicesQuestion {
  url: string;
  root: string;
  readings: Readings;
}

const UNDER_WAY = 500;
const clients = new Map<string, MqttClient>();

answerQuestions<DevicesQuestion, { sent: number }>(async ({ url, root, readings }) => {
  const client = clients.get(url) ?? (await mqtt.connectAsync(url, { protocolVersion: 4 }));
  clients.set(url, client);
  for (let from = 0; from < readings.messages; from += UNDER_WAY) {
    const window: Promise<unknown>[] = [];
    for (let message = from; message < Math.min(from + UNDER_WAY, readings.messages); message++) {
      const { device, tsMs, values } = readingOf(readings, message);
      const payload: Payload = { ts: tsMs, values };
      window.push(client.publishAsync(topicOf(root, device), JSON.stringify(payload), { qos: 1 }));
    }
    await Promise.all(window);
  }
  return { sent: readings.messages };
});
