import { startOchno } from '@tributary/simulators';
import { describeAdapter } from '@tributary/testing';

describeAdapter({
  platform: 'ochno',
  simulator: () =>
    startOchno({
      port: 0,
      mqttPort: 0,
      controlPort: 0,
      devices: 24,
      otherDevices: 2,
      cadenceMs: 1_000,
      historyMs: 0,
      retentionMs: 0,
      producing: false,
      credentialLifeMs: 30_000,
      // What is held back while production pauses would be sent, and lost, long after its time: that is test/stream.spec.ts.
      irregular: { late: 0, duplicate: 0.05, swapped: 0, corrected: 0 },
    }),
  settings: { schedules: { discover: '1s', follow: '1s', presence: '5s' } },
  // Telemetry comes by the stream; the same ports are read over REST to discover them and to repair a gap.
  operations: { login: ['OCHNO-01'], telemetry: 'OCHNO-16', afterExpiry: 4 },
  stream: { listener: 'mqtt', opened: { operation: 'OCHNO-09', times: 2 }, lateMs: 500 },
  command: { name: 'lamp.level', params: { level: 37 }, operation: 'OCHNO-11', reaches: 'confirmed' },
});
