import { startMeshydb } from '@tributary/simulators';
import { describeAdapter } from '@tributary/testing';

describeAdapter({
  platform: 'meshydb',
  simulator: () =>
    startMeshydb({
      port: 0,
      authPort: 0,
      controlPort: 0,
      devices: 25,
      signalsPerDevice: 4,
      workOrders: 20,
      cadenceMs: 1_000,
      historyMs: 5_000,
      retentionMs: 0,
      irregular: { late: 0.02, duplicate: 0.02, swapped: 0.02, corrected: 0.02 },
    }),
  settings: {
    schedules: { discover: '30s', documents: '1s', entities: '1m' },
    telemetry: { longestRest: '2s' },
  },
  operations: { login: ['MESHY-03', 'MESHY-04'], telemetry: 'MESHY-08', afterExpiry: 3 },
});
