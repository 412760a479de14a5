import {
  type Simulator,
  startExosense,
  startMeshydb,
  startOchno,
  startOctomesh,
  startOpticloud,
} from '@tributary/simulators';
import { type Checkpoints, listenedUntil, madeUntil, type Stands, sweptUntil, tailAndRepair } from './checkpoints.ts';

const SECOND = 1_000;
export const MINUTE_MS = 60 * SECOND;
const TURN_MS = 500;
const DAY_MS = 1_440 * MINUTE_MS;

/** What may be asked for twice: `docs/six-hours.md` shows them all. */
export interface ReadingRule {
  /** Up to where everything has been handed on, by the checkpoints in Postgres; undefined while they do not say. */
  stands(checkpoints: Checkpoints): Stands | undefined;
  /** From when on an answer at that time, with so many points of a signal, may hand over again what was before. */
  again(untilMs: number, atMs: number, points: number): number;
  /** The two in words. */
  says: string;
}

const lookBack = (ms: number) => (untilMs: number) => untilMs - ms;

/**
 * The newest so many values of a signal, one of which comes a minute at most: they must reach back over the look-back, and
 * may be twice as many and a first look's twenty, however old they are.
 */
const newestOver = (ms: number) => (untilMs: number, atMs: number, points: number) =>
  points <= (2 * (atMs - untilMs + ms)) / MINUTE_MS + 20 ? Number.NEGATIVE_INFINITY : untilMs - ms;

/** One platform in a time that passes three hundred times as fast as ours. */
export interface HurriedPlatform {
  simulator: Simulator;
  /** Settings of the connection: rounds in real time, look-backs in simulated time. */
  settings: Record<string, unknown>;
  reads: ReadingRule;
  /** A minute of its time goes by. */
  minute(): Promise<void>;
  /** What still holds is read as well, and told at the time of the device's newest message. */
  tellsWhatHolds?: boolean;
  /** The operation that brings telemetry; absent where nobody asks for it. */
  telemetry?: string;
  /** Signals of which the platform makes means where nobody has listened: they are no points that were produced. */
  standIns?: RegExp;
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
      reads: {
        stands: tailAndRepair,
        again: lookBack(6 * MINUTE_MS),
        says: '`repairWindow` (6 min) before `cycle` or `repairedUntil`, whichever is earlier; a gap that stands in the checkpoint, until its slice has been read',
      },
    },
    {
      simulator: exosense,
      minute: () => exosense.clock.advance(MINUTE_MS),
      telemetry: 'EXO-21',
      settings: {
        schedules: { telemetry: '1s', attributes: RARELY, statuses: RARELY, logs: RARELY, discover: '1m' },
        telemetry: { lookBack: '6m', lateEvery: '1m', firstLook: '15m' },
      },
      reads: {
        stands: sweptUntil('telemetry'),
        again: newestOver(6 * MINUTE_MS),
        says: '`lookBack` (6 min) before `sweptUntil`; the platform answers the newest so many values and no times: twice as many as reach back so far, and 20, however old',
      },
    },
    {
      simulator: meshydb,
      minute: () => meshydb.clock.advance(MINUTE_MS),
      telemetry: 'MESHY-08',
      isInventory: (detail) => detail.includes('"_id":-1'),
      settings: {
        schedules: { documents: QUICK, entities: RARELY, discover: '1m' },
        telemetry: { overlap: '2m', lateEvery: '100ms', longestRest: '1s', firstLook: '15m' },
      },
      reads: {
        stands: madeUntil,
        // A point that comes late is dated so many minutes before its document was made, or swapped with the next.
        again: lookBack((2 + 4) * MINUTE_MS),
        says: '`overlap` (2 min) before the time in the id `after`; ids are of when a document was made, and points that come late are dated up to 4 min before that',
      },
    },
    {
      simulator: opticloud,
      minute: () => opticloud.clock.advance(MINUTE_MS),
      telemetry: 'OPTI-11',
      settings: {
        schedules: { telemetry: QUICK, attributes: RARELY, communication: RARELY, catalogue: RARELY, discover: '1m' },
        telemetry: { lookBack: '6m', lateEvery: '1m', longestRest: '1s', firstLook: '15m' },
      },
      reads: {
        stands: sweptUntil('telemetry'),
        again: lookBack(7 * MINUTE_MS),
        says: '`lookBack` and `lateEvery` (6 and 1 min) before `sweptUntil`',
      },
    },
    {
      simulator: ochno,
      settings: { schedules: { discover: '1m' } },
      reads: {
        stands: listenedUntil,
        again: lookBack(0),
        says: 'nothing: values are not asked for; hours of aggregates, while the interruption stands in the checkpoint',
      },
      standIns: /\.hourly\.\w+$/,
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
