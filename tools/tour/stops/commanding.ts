import type { Command } from '@tributary/client';
import { must, type Stop, type Tour } from '../stop.ts';

const ladder = ({ show }: Tour, { transitions }: Command) => {
  for (const { state, evidence } of transitions) show(state.padEnd(12), `${evidence.kind}: ${evidence.detail}`);
};

const beginsAndEnds = (command: Command, last: string) => {
  must(command.transitions[0]?.state === 'accepted', 'a ladder that begins with accepted');
  must(command.state === last, `${command.name} to be ${last}, not ${command.state}`);
};

export const lamp: Stop = {
  title: 'A command, on a stream that answers nothing: confirmed once the lamp itself shows it',
  async go(tour) {
    const { tributary } = tour;
    const { items } = await tributary.get('/v1/telemetry/latest', { query: { signal: ['lamp.level'], limit: 1 } });
    const { deviceId } = must(items[0], 'a lamp');
    // region: command
    const { id } = await tributary.post('/v1/devices/{deviceId}/commands', {
      path: { deviceId },
      body: { name: 'lamp.level', params: { level: 40 } },
    });
    const command = await tributary.waitForCommand(id, { deadlineMs: 60_000 });
    // endregion
    ladder(tour, command);
    beginsAndEnds(command, 'confirmed');
  },
};

export const heldOrder: Stop = {
  title: 'A command that the platform keeps until the device next calls in',
  async go(tour) {
    const { tributary, show } = tour;
    const devices = await tributary.list('/v1/devices', { query: { filter: 'platform eq "opticloud"' } }).all(1);
    const { id: deviceId } = must(devices[0], 'a device of optiCLOUD');
    const params = { from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z', tag: 'preview' };
    const { id } = await tributary.post('/v1/devices/{deviceId}/commands', {
      path: { deviceId },
      body: { name: 'list-files', params },
    });
    const command = await tributary.waitForCommand(id, { until: ['queued'], deadlineMs: 60_000 });
    ladder(tour, command);
    must(['queued', 'confirmed'].includes(command.state), `it to be queued or confirmed, not ${command.state}`);
    show('it goes on by itself; its events tell when');
  },
};
