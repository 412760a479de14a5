import type { ParkPoints, ParkVerdict } from '@tributary/contracts';
import type { CommitReport, ParkedMessage, ParkedPoints } from '@tributary/database';
import { together } from '../intake/account-points.ts';
import type { Held, Refusal } from '../intake/message-handling.ts';
import type { TelemetryMessage } from '../intake/telemetry-message.ts';
import type { ProjectionHandling } from '../inventory/projection-handling.ts';
import type { TelemetryHandling } from '../telemetry/telemetry-handling.ts';
import type { Fault } from './reasons.ts';

/** What is parked, with what came. */
export interface ParkedThing {
  row: ParkedMessage;
  payload: Buffer;
}

/** `replay` has the effect, `preview` only says what it would be. */
export type How = 'replay' | 'preview';

export interface Redriven {
  verdict: ParkVerdict;
  /** Why it does not fit, or not wholly. */
  fault?: Fault | undefined;
  /** What of the account does not fit. */
  points?: ParkedPoints | undefined;
}

/** Puts what is parked through the code that would store it today, as a whole or without effect: one way for both. */
export type Redrive = (thing: ParkedThing, how: How, signal: AbortSignal) => Promise<Redriven>;

export const NO_POINTS: ParkPoints = { stored: 0, duplicate: 0, corrected: 0, superseded: 0, dropped: 0, parked: 0 };

export function verdictOf(fault: Fault | undefined, anythingFits: boolean, points = NO_POINTS): ParkVerdict {
  if (!fault) return { fits: 'wholly', points, problems: [] };
  return { fits: anythingFits ? 'partly' : 'not', points, reason: fault.reason, problems: fault.problems };
}

export const refused = (fault: Fault): Redriven => ({ verdict: verdictOf(fault, false), fault });

/** The broker lets a tenant publish under its own first word only; the body must not speak for another, today either. */
function isForeign(workspace: string | undefined, { row }: ParkedThing): boolean {
  if (workspace === undefined || row.routingKey.startsWith(`${workspace}.`)) return false;
  return row.routingKey !== '' || row.workspace !== workspace;
}
const FOREIGN: Fault = {
  reason: 'mismatch',
  problems: [{ path: '/source', problem: 'is not of the workspace it was published under' }],
};

/** Messages of telemetry. */
export const redriveTelemetry =
  (handling: TelemetryHandling): Redrive =>
  async (thing, how, signal) => {
    const decoded = handling.decode(thing.payload);
    if (isForeign(decoded.workspace, thing)) return refused(FOREIGN);
    const counted = how === 'replay';
    if (counted) handling.received(decoded);
    if (counted && decoded.fault) handling.parked(decoded, decoded.badSize);
    if (decoded.item === undefined) return telemetryRedriven({ decoded, refusals: [] });
    const held: Held<TelemetryMessage> = { item: decoded.item, decoded };
    if (!counted) return telemetryRedriven({ decoded, ...(await handling.rehearse(held)) });
    let report: CommitReport | undefined;
    const refusals = await handling.storeAlone(held, signal, (given) => {
      report = given;
    });
    for (const { size } of refusals) handling.parked(decoded, size);
    return telemetryRedriven({ decoded, refusals, report });
  };

function telemetryRedriven({
  decoded,
  refusals,
  report,
}: {
  decoded: ReturnType<TelemetryHandling['decode']>;
  refusals: readonly Refusal<unknown>[];
  report?: CommitReport | undefined;
}): Redriven {
  const [refusal] = refusals;
  const fault = decoded.fault ?? refusal?.fault;
  const bad = decoded.badSize + refusals.reduce((sum, { size }) => sum + size, 0);
  const { inserted = 0, duplicate = 0, corrected = 0, superseded = 0 } = report ?? {};
  const done = inserted + duplicate + corrected + superseded;
  const dropped = report ? decoded.size - bad - done : 0;
  const points = { stored: inserted, duplicate, corrected, superseded, dropped, parked: bad };
  return {
    verdict: verdictOf(fault, bad < decoded.size, points),
    fault,
    points: together(decoded.fault && decoded.badPoints, refusal?.points),
  };
}

/** Messages of devices, attributes, files, connections and platform events. */
export const redriveProjections =
  (handling: ProjectionHandling): Redrive =>
  async (thing, how, signal) => {
    const decoded = handling.decode(thing.payload);
    if (isForeign(decoded.workspace, thing)) return refused(FOREIGN);
    const counted = how === 'replay';
    if (counted) handling.received(decoded);
    const applied = decoded.item
      ? await (counted ? handling.apply(decoded.item, signal) : handling.rehearse(decoded.item))
      : {};
    const fault = decoded.fault ?? applied.fault;
    if (counted && fault) handling.parked(decoded);
    const verdict = verdictOf(fault, false);
    return { verdict: applied.effect ? { ...verdict, effect: applied.effect } : verdict, fault };
  };
