import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP relay that can keep the answers of the far side to itself: what is sent arrives, what comes back does not. */
export interface Silencer {
  port: number;
  silent: boolean;
  /** Ends every connection; new ones are let through. */
  cut(): void;
  close(): Promise<void>;
}

export async function silencerTo(port: number): Promise<Silencer> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.on('data', (bytes) => {
        if (from === near || !silencer.silent) to.write(bytes);
      });
    }
  });
  const silencer: Silencer = {
    port: 0,
    silent: false,
    cut: () => {
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
    close: async () => {
      silencer.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  silencer.port = (server.address() as AddressInfo).port;
  return silencer;
}
