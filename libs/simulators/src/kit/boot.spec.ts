import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from '@jest/globals';
import { Actions } from './actions.ts';
import { bootSimulator, layFoundation } from './boot.ts';
import { PausableProduction } from './pausable-production.ts';

/** A vendor that only tells when it is opened, started and closed. */
function boot(controlPort: number) {
  const seen: string[] = [];
  const foundation = layFoundation({ clock: {}, journalCapacity: 10 });
  const booted = bootSimulator({
    foundation,
    control: { host: '127.0.0.1', controlPort },
    open: async (doors) => {
      for (const door of ['first', 'second']) {
        seen.push(`${door} opened`);
        doors.defer(() => void seen.push(`${door} closed`));
      }
      const demoConnection = { platform: 'acme', name: 'Acme', settings: {}, credentials: {} };
      const own = { url: 'http://acme.example', addresses: {}, production: new PausableProduction(true) };
      return { platform: 'acme', demoConnection, actions: new Actions({}), ...own };
    },
    start: () => void seen.push('started'),
  });
  foundation.faults.handle('outage', () => () => void seen.push('outage over'));
  return { booted, foundation, seen };
}

it('opens, starts, and closes the other way round, with what faults began', async () => {
  const { booted, foundation, seen } = boot(0);
  const simulator = await booted;
  expect(await (await fetch(`${simulator.controlUrl}/_control`)).json()).toMatchObject({ platform: 'acme' });
  foundation.faults.outage();
  await simulator.stop();
  expect(seen).toEqual(['first opened', 'second opened', 'started', 'outage over', 'second closed', 'first closed']);
  await expect(fetch(`${simulator.controlUrl}/_control`)).rejects.toThrow();
});

it('leaves nothing open, and starts nothing, when its control port is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { booted, seen } = boot((taken.address() as AddressInfo).port);
  await expect(booted).rejects.toThrow('EADDRINUSE');
  expect(seen).toEqual(['first opened', 'second opened', 'second closed', 'first closed']);
  taken.close();
});
