import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Command } from '@tributary/adapter-kit';
import { OCHNO_COMPANIES } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { type Connected, type Listener, listen, never, PATIENCE, type Rig, startRig } from './rig.ts';

const { owner } = OCHNO_COMPANIES;
let rig: Rig;
let lamp: string;
const listeners: Listener[] = [];

beforeEach(async () => {
  rig = await startRig();
  await rig.discover();
  lamp =
    rig.simulator.scenario.ports.find(
      ({ kind, port }) => kind === 'lamp' && rig.simulator.state.placeOf(port).companyId === owner,
    )?.port.id ?? '';
});
afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.stop();
  await rig.stop();
});

const hear = async (by: Connected = rig) => {
  const listener = await listen(by, owner);
  listeners.push(listener);
  return listener;
};
const order = (level: unknown, more: Partial<Command> = {}): Command => ({
  id: 'cmd_1',
  device: lamp,
  name: 'lamp.level',
  params: { level } as Command['params'],
  expiresAtMs: Date.now() + 60_000,
  ...more,
});
const commands = (by: Connected = rig) => {
  if (!by.adapter.commands) throw new Error('no commands');
  return by.adapter.commands;
};
const send = (command: Command, by: Connected = rig) => commands(by).execute(command, never);
const follow = async (command: Command, reference = {}, by: Connected = rig) =>
  commands(by).follow?.(command, reference, never);
const sent = () => rig.simulator.journal.count({ operation: 'OCHNO-11' });

describe('OCHNO-11 an order to a lamp', () => {
  it('is dispatched when the broker has it, and confirmed only when the port says so', async () => {
    await hear();
    const command = order(37);
    await rig.simulator.actions.run('lamp', { device: lamp, manner: 'late', delayMs: 300 });
    const receipt = await send(command);
    expect(receipt.state).toBe('dispatched');
    expect(await follow(command, receipt.reference)).toBeUndefined();
    const confirmed = await eventually('it is confirmed', () => follow(command, receipt.reference), PATIENCE);
    expect(confirmed).toMatchObject({
      state: 'confirmed',
      evidence: { kind: 'platform-log', data: { 'lamp.level': 37 } },
    });
    expect(sent()).toBe(1);
  });

  it('that has no effect is never confirmed, not by the level it had before either', async () => {
    const { items } = await hear();
    await rig.simulator.actions.run('produce', { device: lamp, telemetry: { lamp: { level: 50 } } });
    await rig.simulator.actions.run('lamp', { device: lamp, manner: 'ignores' });
    await eventually('the level is known', () => items.length > 1);
    const command = order(50, { expiresAtMs: Date.now() + 200 });
    const receipt = await send(command);
    await eventually('the deadline has passed', () => Date.now() > command.expiresAtMs);
    expect(await follow(command, receipt.reference)).toBeUndefined();
    const asked = rig.simulator.journal.count({ operation: 'OCHNO-16', path: `*${lamp}*` });
    expect(await follow(command, receipt.reference)).toBeUndefined();
    // The platform is asked once, at the deadline.
    expect(rig.simulator.journal.count({ operation: 'OCHNO-16', path: `*${lamp}*` })).toBe(asked);
  });

  it('whose effect nobody heard is found by reading back at its deadline', async () => {
    const listener = await hear();
    const command = order(12, { expiresAtMs: Date.now() + 500 });
    await rig.simulator.actions.run('lamp', { device: lamp, manner: 'late', delayMs: 200 });
    const receipt = await send(command);
    await listener.stop();
    await eventually('the deadline has passed', () => Date.now() > command.expiresAtMs);
    expect(await follow(command, receipt.reference)).toMatchObject({
      state: 'confirmed',
      evidence: { kind: 'read-back' },
    });
  });

  it('waits while the stream is down, and goes where another replica reads it', async () => {
    const listener = await hear();
    await listener.stop();
    await expect(commands().prepare?.(order(1), never)).rejects.toMatchObject({
      code: 'unavailable',
      platformCode: 'not-sent',
    });
    await expect(send(order(1))).rejects.toMatchObject({ platformCode: 'not-sent' });
    const other = rig.connect();
    await commands(other).prepare?.(order(1), never);
    expect((await send(order(1), other)).state).toBe('dispatched');
    await eventually('it was taken', () => sent() === 1);
    expect(rig.simulator.scenario.port(lamp)?.level).toBe(1);
  });

  it('is refused before any effect when it makes no sense', async () => {
    await hear();
    for (const level of [-1, 101, '10', null, undefined]) {
      await expect(commands().prepare?.(order(level), never)).rejects.toMatchObject({ code: 'invalid-request' });
    }
    const hub = rig.simulator.scenario.port(lamp)?.port.hubId ?? '';
    expect(commands().describe(hub)).toEqual([]);
    await expect(commands().prepare?.(order(1, { device: hub }), never)).rejects.toMatchObject({
      code: 'invalid-request',
    });
    await expect(commands().prepare?.(order(1, { device: 'nothing' }), never)).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(sent()).toBe(0);
  });

  it('never names another topic, whatever the ids hold', async () => {
    await hear();
    const bad = rig.simulator.scenario.ports.find(({ port }) => port.id === lamp)?.port;
    if (bad) rig.simulator.state.ports.set('a/b', { ...bad, id: 'a/b' });
    await expect(commands().prepare?.(order(1, { device: 'a/b' }), never)).rejects.toMatchObject({
      code: 'invalid-request',
    });
    expect(sent()).toBe(0);
  });

  it('is offered for what the port has that can be set', async () => {
    await hear();
    expect(
      commands()
        .describe('nobody has heard of it')
        .map(({ name }) => name),
    ).toEqual(['lamp.level']);
    await rig.simulator.actions.run('produce', {
      device: lamp,
      telemetry: { connected: true, lamp: { level: 1 }, fan: { level: 2, speed: 3 } },
    });
    await eventually('it is heard', () => commands().describe(lamp).length === 2);
    expect(commands().describe(lamp)).toEqual([
      expect.objectContaining({ name: 'lamp.level', idempotent: false }),
      expect.objectContaining({ name: 'fan.level' }),
    ]);
    await rig.simulator.actions.run('unplug', { device: lamp });
    await eventually('nothing is left to set', () => commands().describe(lamp).length === 0);
  });
});
