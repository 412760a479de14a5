import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { unusedPort } from '@tributary/testing/harness';

export interface MqttBroker {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });

/** A Mosquitto of one's own that keeps everything for a client that is behind. */
export async function startMosquitto(inflight: number): Promise<MqttBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-mosquitto-'));
  const port = await unusedPort();
  const settings = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence false',
    `max_inflight_messages ${inflight}`,
    'max_queued_messages 0',
    ...(process.getuid?.() === 0 ? ['user root'] : []),
  ];
  writeFileSync(join(folder, 'mosquitto.conf'), `${settings.join('\n')}\n`);
  const child: ChildProcess = spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' });
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error('mosquitto did not start');
    await pause(20);
  }
  return {
    url: `mqtt://127.0.0.1:${port}`,
    pid: child.pid ?? -1,
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
