import {
  type Simulator,
  startExosense,
  startMeshydb,
  startOchno,
  startOctomesh,
  startOpticloud,
} from '@tributary/simulators';

export interface Staged {
  simulator: Simulator;
  settings: Record<string, unknown>;
  /** The operation that brings points, and the member of a point without which it is none. */
  points?: { operation: string; time: string };
}

/** How often every device sends, and how often it is read; of platforms with hard limits more rarely. */
export interface Pace {
  cadenceMs: number;
  poll: string;
  limitedPoll: string;
}

const irregular = { late: 0, duplicate: 0, swapped: 0, corrected: 0 };
const quiet = ({ cadenceMs }: Pace) =>
  ({ port: 0, controlPort: 0, historyMs: 0, retentionMs: 0, cadenceMs, irregular }) as const;

/** Each with few devices. */
export const platforms = {
  async octomesh(pace: Pace): Promise<Staged> {
    const own = { identityPort: 0, devices: 2, otherDevices: 0, signalsPerDevice: 2 };
    return {
      simulator: await startOctomesh({ ...quiet(pace), ...own }),
      settings: {
        schedules: { telemetry: pace.limitedPoll, backfill: '1h', repair: '1h', entities: '1h' },
        telemetry: { visibility: '0s', lookBack: '5s', repairWindow: '1m', longestRest: '1s', outage: '5m' },
      },
      points: { operation: 'OCTO-10', time: 'timestamp' },
    };
  },
  async exosense(pace: Pace): Promise<Staged> {
    return {
      simulator: await startExosense({ ...quiet(pace), devices: 2, signalsPerDevice: 2, oddSignals: [], rates: [1] }),
      settings: {
        schedules: { telemetry: pace.limitedPoll, follow: '1h', attributes: '1h', statuses: '1h', logs: '1h' },
        telemetry: { lookBack: '1m', lateEvery: '1m' },
      },
      points: { operation: 'EXO-*', time: 'timestamp' },
    };
  },
  async ochno(pace: Pace): Promise<Staged> {
    return {
      simulator: await startOchno({ ...quiet(pace), mqttPort: 0, devices: 2, otherDevices: 0, plugEveryMs: 1e9 }),
      settings: { schedules: { presence: '2s', follow: '1h', reconcile: '1h' } },
    };
  },
  async opticloud(pace: Pace): Promise<Staged> {
    const own = { mqttPort: 0, devices: 3, otherDevices: 0, signalsPerDevice: 2 };
    return {
      simulator: await startOpticloud({ ...quiet(pace), ...own }),
      settings: {
        schedules: { telemetry: pace.poll, follow: '1h', communication: '1h' },
        telemetry: { lookBack: '1m', lateEvery: '1m', longestRest: '1s' },
      },
      points: { operation: 'OPTI-11', time: 'ts' },
    };
  },
  async meshydb(pace: Pace): Promise<Staged> {
    return {
      simulator: await startMeshydb({ ...quiet(pace), authPort: 0, devices: 2, signalsPerDevice: 2, workOrders: 1 }),
      settings: {
        schedules: { documents: pace.poll, entities: '1h' },
        telemetry: { longestRest: '1s', lateEvery: '1m' },
      },
      points: { operation: 'MESHY-08', time: 'ts' },
    };
  },
};

export type PlatformName = keyof typeof platforms;
