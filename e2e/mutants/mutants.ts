import type { Edit } from './build-copy.ts';
import {
  crashBeforeCommit,
  crashWithWipedRedis,
  holeInTheWindow,
  manyCrashesOfTheSameMessages,
} from './plans/intake.ts';
import { killWithDeafBus, missingQueue, streamWithDeafBus } from './plans/publishing.ts';
import { anyOrder, lateNews, manyWriters, takeTurns, zombie } from './plans/storing.ts';
import type { Plan } from './rig.ts';

/** A mistake that somebody could make, and the plan under which it must show. */
export interface Mutant {
  name: string;
  /** What the mistake is, in a sentence. */
  mistake: string;
  edits: readonly Edit[];
  plan: Plan;
}

const INGEST = 'apps/telemetry-ingest/dist';
const KIT = 'libs/adapter-kit/dist/process';
const DATABASE = 'libs/database/dist';

export const mutants: readonly Mutant[] = [
  {
    name: 'ack-before-commit',
    mistake: 'a batch is acknowledged when it is sealed',
    edits: [
      {
        file: `${INGEST}/intake/intake.js`,
        find: "await failpoint('after-seal');",
        put: "this.#resolve(batch); await failpoint('after-seal');",
      },
    ],
    plan: crashBeforeCommit,
  },
  {
    name: 'ack-on-enqueue',
    mistake: 'a batch counts as committed once Redis has it',
    edits: [
      {
        file: `${INGEST}/batches/queued-lane.js`,
        find: 'return { report: await outcome.promise, answerMs };',
        put: "return { report: { inserted: 0, duplicate: 0, corrected: 0, superseded: 0, connections: [], refused: [], path: 'none' }, answerMs };",
      },
    ],
    plan: crashWithWipedRedis,
  },
  {
    name: 'ack-over-a-hole',
    mistake: 'one multiple acknowledgement goes up to the newest committed message, over what is not committed',
    edits: [
      {
        file: `${INGEST}/intake/ack-watermark.js`,
        find: 'if (entry.parts > 0)\n                break;',
        put: 'if (entry.parts > 0)\n                continue;',
      },
    ],
    plan: holeInTheWindow,
  },
  {
    name: 'no-mandatory',
    mistake: 'messages are published without `mandatory`: the bus confirms what no queue wants',
    edits: [
      {
        file: 'libs/messaging/dist/publisher/outgoing-message.js',
        find: 'mandatory: true,\n            ...(options.expirationMs',
        put: 'mandatory: false,\n            ...(options.expirationMs',
      },
    ],
    plan: missingQueue,
  },
  {
    name: 'checkpoint-before-confirm',
    mistake: 'a poll’s checkpoint moves when its page was handed to the bus, not when the bus confirmed it',
    edits: [
      {
        file: `${KIT}/supervision/poll-runner.js`,
        find: 'await Promise.all([before, confirmed, this.#options.kept?.()]);',
        put: 'confirmed.catch(() => undefined); await Promise.all([before, this.#options.kept?.()]);',
      },
    ],
    plan: killWithDeafBus,
  },
  {
    name: 'puback-before-confirm',
    mistake: 'a streamed message is acknowledged to the platform when it is received',
    edits: [
      {
        file: `${KIT}/supervision/stream-runner.js`,
        find: 'const confirmed = observe(observation).then(',
        put: 'done?.(); const confirmed = observe(observation).then(',
      },
    ],
    plan: streamWithDeafBus,
  },
  {
    name: 'no-fence',
    mistake: 'a checkpoint may be saved by who does not have the lease any more',
    edits: [
      {
        file: `${DATABASE}/connections/checkpoints.js`,
        find: 'where connection_id = $1 and epoch = $5 and replica is not null',
        put: 'where connection_id = $1',
      },
      {
        file: `${DATABASE}/connections/checkpoints.js`,
        find: 'where c.version = $4 and c.epoch <= excluded.epoch`',
        put: 'where c.version = $4`',
      },
    ],
    plan: zombie,
  },
  {
    name: 'update-only-if-different',
    mistake: 'a greater rev with the same value is not kept',
    edits: [
      {
        file: `${DATABASE}/telemetry/merge-path.js`,
        find: 'from judged i where i.wins and $',
        put: 'from judged i where i.wins and not i.same and $',
      },
    ],
    plan: anyOrder,
  },
  {
    name: 'latest-without-guard',
    mistake: 'the last point to arrive is the newest value',
    edits: [{ file: `${DATABASE}/telemetry/latest.js`, find: 'const NEWER = `(', put: 'const NEWER = `(true or ' }],
    plan: lateNews,
  },
  {
    name: 'unsorted-writers',
    mistake: 'rows are locked in any order',
    edits: [{ file: `${DATABASE}/telemetry/latest.js`, find: 'order by p.series_id\n', put: 'order by random()\n' }],
    plan: manyWriters,
  },
  {
    name: 'session-level-tenant',
    mistake: 'a connection to the database is told its workspace when it is opened, not for each request',
    edits: [
      {
        file: `${DATABASE}/fence/fenced-pool.js`,
        find: 'this.#shown.get(client) === workspace',
        put: 'this.#shown.has(client)',
      },
    ],
    plan: takeTurns,
  },
  {
    name: 'delivery-limit-3',
    mistake: 'a message is dead after three deliveries, though it was the process that died',
    edits: [{ file: 'libs/messaging/dist/topology.js', find: 'DELIVERY_LIMIT = 20;', put: 'DELIVERY_LIMIT = 3;' }],
    plan: manyCrashesOfTheSameMessages,
  },
];
