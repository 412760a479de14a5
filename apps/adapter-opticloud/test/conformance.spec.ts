import { startOpticloud } from '@tributary/simulators';
import { describeAdapter } from '@tributary/testing';

describeAdapter({
  platform: 'opticloud',
  simulator: () =>
    startOpticloud({
      port: 0,
      mqttPort: 0,
      controlPort: 0,
      devices: 25,
      otherDevices: 0,
      signalsPerDevice: 4,
      cadenceMs: 1_000,
      historyMs: 5_000,
      heartbeatMs: 2_000,
      irregular: { late: 0.02, duplicate: 0.02, swapped: 0.02, corrected: 0.02 },
    }),
  settings: {
    schedules: { discover: '5s', telemetry: '1s', follow: '1s', communication: '5s' },
    telemetry: { lookBack: '3m', lateEvery: '2s' },
  },
  operations: { login: ['OPTI-01', 'OPTI-02'], telemetry: 'OPTI-11' },
  command: {
    name: 'list-files',
    params: { from: '2026-01-01T00:00:00.000Z', to: '2026-12-31T00:00:00.000Z', tag: 'preview' },
    operation: 'OPTI-13',
    reaches: 'confirmed',
  },
});
