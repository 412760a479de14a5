import { startOctomesh } from '@tributary/simulators';
import { describeAdapter } from '@tributary/testing';

describeAdapter({
  platform: 'octomesh',
  simulator: () =>
    startOctomesh({
      identityPort: 0,
      port: 0,
      controlPort: 0,
      devices: 25,
      otherDevices: 0,
      signalsPerDevice: 4,
      cadenceMs: 1_000,
      historyMs: 5_000,
      retentionMs: 0,
      irregular: { late: 0.02, duplicate: 0.02, swapped: 0.02, corrected: 0.02 },
    }),
  settings: {
    schedules: { discover: '30s', telemetry: '1s', repair: '30s', backfill: '1s', entities: '1m' },
    telemetry: { visibility: '500ms', lookBack: '10s', repairWindow: '2m', longestRest: '2s' },
  },
  operations: { login: ['OCTO-03'], telemetry: 'OCTO-10', afterExpiry: 3, windowShownBy: 'limits.spec.ts' },
});
