import { setTimeout as pause } from 'node:timers/promises';
import mqtt from 'mqtt';
import { type Payload, type Readings, readingOf, topicOf } from '../chain/readings.ts';
import { answerQuestions } from '../measuring/child.ts';

/** Devices that send at a steady rate until they are told to stop; `messages` of the readings is no limit. */
export type SteadyQuestion =
  | { ask: 'start'; url: string; root: string; readings: Readings; perSecond: number }
  | { ask: 'sent' | 'stop' };

const TURN_MS = 50;
/** What the broker has not acknowledged: beyond it the devices wait, and the rate is not kept. */
const UNDER_WAY = 5_000;
let sent = 0;
let stopping = false;
let flow: Promise<void> = Promise.resolve();

answerQuestions<SteadyQuestion, { sent: number }>(async (question) => {
  if (question.ask === 'start') flow = send(question);
  if (question.ask === 'stop') {
    stopping = true;
    await flow;
  }
  return { sent };
});

async function send(question: Extract<SteadyQuestion, { ask: 'start' }>): Promise<void> {
  const { url, root, readings, perSecond } = question;
  const client = await mqtt.connectAsync(url, { protocolVersion: 4 });
  const underWay = new Set<Promise<unknown>>();
  const from = performance.now();
  while (!stopping) {
    const due = ((performance.now() - from) / 1_000) * perSecond;
    while (sent < due && underWay.size < UNDER_WAY) {
      const { device, tsMs, values } = readingOf(readings, sent);
      const payload: Payload = { ts: tsMs, values };
      const one = client.publishAsync(topicOf(root, device), JSON.stringify(payload), { qos: 1 });
      underWay.add(one);
      void one.finally(() => underWay.delete(one));
      sent += 1;
    }
    await pause(TURN_MS);
  }
  await Promise.all(underWay);
  await client.endAsync();
}
