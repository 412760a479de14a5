import {
  type Simulator,
  startExosense,
  startMeshydb,
  startOchno,
  startOctomesh,
  startOpticloud,
} from '@tributary/simulators';

const SECOND = 1_000;
export const MINUTE_MS = 60 * SECOND;
const TURN_MS = 500;
const DAY_MS = 1_440 * MINUTE_MS;

/** One platform in a time that passes three hundred times as fast as ours. */
export interface HurriedPlatform {
  simulator: Simulator;
  /** Settings of the connection: rounds in real time, look-backs in simulated time. */
  settings: Record<string, unknown>;
  /** How far back it reads again, by its own settings; undefined where a stream brings everything and nothing is asked for. */
  lookBackMs: number | undefined;
  /** A minute of its time goes by. */
  minute(): Promise<void>;
  /** What still holds is read as well, and told at the time of the device's newest message. */
  tellsWhatHolds?: boolean;
  /** The operation that brings telemetry; absent where nobody asks for it. */
  telemetry?: string;
  /** It cannot be asked for a time: a look brings so many of the newest values of each signal, however old they are. */
  newest?: number;
  /** By what the journal says of it: a question for devices, answered with their records. */
  isInventory?: (detail: string) => boolean;
  /** The operation that must have been asked for before anything is sent: who only listens hears nothing earlier. */
  listens?: string;
}

const QUICK = '500ms';
const RARELY = '12h';

/** Every platform, its clock set to `startAt`; each produces once a minute, and what it does follows from the seed. */
export async function startHurriedPlatforms(startAt: number, seed: number): Promise<HurriedPlatform[]> {
  const ports = { port: 0, controlPort: 0 };
  const scenario = {
    ...ports,
    seed,
    cadenceMs: MINUTE_MS,
    historyMs: 5 * MINUTE_MS,
    retentionMs: 0,
    clock: { startAt },
  };
  const irregular = { late: 0.02, duplicate: 0.02, swapped: 0.02, corrected: 0.02 };
  const small = { ...scenario, devices: 4, signalsPerDevice: 3, irregular };
  const [octomesh, exosense, meshydb, opticloud, ochno] = await Promise.all([
    startOctomesh({ ...small, identityPort: 0, otherDevices: 0 }),
    startExosense(small),
    startMeshydb({ ...small, authPort: 0, workOrders: 0 }),
    startOpticloud({ ...small, mqttPort: 0, otherDevices: 0 }),
    startOchno({
      ...{ ...scenario, mqttPort: 0, devices: 8, otherDevices: 0, historyMs: 0, producing: false },
      ...{ cadenceMs: TURN_MS, credentialLifeMs: DAY_MS },
      // What is held back would be sent, and lost, long after its time.
      irregular: { late: 0, duplicate: 0.02, swapped: 0, corrected: 0 },
    }),
  ]);
  return [
    {
      simulator: octomesh,
      minute: () => octomesh.clock.advance(MINUTE_MS),
      telemetry: 'OCTO-10',
      settings: {
        // Of the hundred questions a minute that the platform allows, in our time.
        schedules: { telemetry: '1s', repair: '3s', backfill: '3s', entities: RARELY, discover: '1m' },
        telemetry: {
          lookBack: '2m',
          repairWindow: '6m',
          outage: '14m',
          tail: '2m',
          firstLook: '15m',
          longestRest: '1s',
        },
      },
      lookBackMs: 6 * MINUTE_MS,
    },
    {
      simulator: exosense,
      minute: () => exosense.clock.advance(MINUTE_MS),
      telemetry: 'EXO-21',
      newest: 20,
      settings: {
        schedules: { telemetry: '1s', attributes: RARELY, statuses: RARELY, logs: RARELY, discover: '1m' },
        telemetry: { lookBack: '6m', lateEvery: '1m', firstLook: '15m' },
      },
      // The twenty newest values of each signal are asked for at first, and one comes a minute.
      lookBackMs: 20 * MINUTE_MS,
    },
    {
      simulator: meshydb,
      minute: () => meshydb.clock.advance(MINUTE_MS),
      telemetry: 'MESHY-08',
      isInventory: (detail) => detail.includes('"_id":-1'),
      settings: {
        schedules: { documents: QUICK, entities: RARELY, discover: '1m' },
        telemetry: { overlap: '2m', longestRest: '1s', firstLook: '15m' },
      },
      lookBackMs: 2 * MINUTE_MS,
    },
    {
      simulator: opticloud,
      minute: () => opticloud.clock.advance(MINUTE_MS),
      telemetry: 'OPTI-11',
      settings: {
        schedules: { telemetry: QUICK, attributes: RARELY, communication: RARELY, catalogue: RARELY, discover: '1m' },
        telemetry: { lookBack: '6m', lateEvery: '1m', longestRest: '1s', firstLook: '15m' },
      },
      lookBackMs: 6 * MINUTE_MS,
    },
    {
      simulator: ochno,
      settings: { schedules: { discover: '1m' } },
      lookBackMs: undefined,
      tellsWhatHolds: true,
      listens: 'OCHNO-09',
      // A session that is silent for half a minute is closed: for it hardly any time goes by, whatever the calendar says.
      minute: async () => {
        ochno.clock.shift(MINUTE_MS - TURN_MS);
        await ochno.clock.advance(TURN_MS);
      },
    },
  ];
}
