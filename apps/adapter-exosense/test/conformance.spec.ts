import { describe, expect, it } from '@jest/globals';
import { type ExosenseSimulator, startExosense } from '@tributary/simulators';
import { describeAdapter } from '@tributary/testing';

let simulator: ExosenseSimulator | undefined;

describeAdapter({
  platform: 'exosense',
  simulator: async () => {
    simulator = await startExosense({
      port: 0,
      controlPort: 0,
      devices: 25,
      signalsPerDevice: 8,
      cadenceMs: 1_000,
      historyMs: 5_000,
      oddSignals: ['archived', 'empty'],
      irregular: { late: 0.02, duplicate: 0.02, swapped: 0.02, corrected: 0.02 },
    });
    return simulator;
  },
  settings: {
    schedules: { discover: '15s', telemetry: '2s', follow: '2s', attributes: '1m', statuses: '5m', logs: '5m' },
    telemetry: { lookBack: '2m', lateEvery: '4s' },
  },
  operations: { login: ['EXO-04'], telemetry: 'EXO-21', afterExpiry: 4 },
  command: {
    name: 'set-signal',
    params: { signal: 'Setpoint', value: 21 },
    operation: 'EXO-01:controlSignal',
    reaches: 'confirmed',
  },
  exempt: {
    'survives expired tokens':
      'a token of this platform neither expires nor can be renewed: one that is refused is replaced by hand',
  },
});

describe('the limits of the platform', () => {
  it('were kept throughout, also by a process that was killed and the one after it', () => {
    const answered = simulator?.journal.entries({ status: 200 }) ?? [];
    expect(answered.length).toBeGreaterThan(50);
    const refused = answered.filter(
      ({ detail = '', faults = [] }) => detail.startsWith('Exceeded') && faults.length === 0,
    );
    expect(refused).toEqual([]);
  });
});
