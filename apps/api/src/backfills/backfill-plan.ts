import { Inject, Injectable } from '@nestjs/common';
import type { BackfillDraft, BackfillEstimate, HistoryGap } from '@tributary/contracts';
import { CoverageReader, gapsToRead, type NewPart, type TimeRange } from '@tributary/database';
import type { CallerIdentity } from '../auth/caller.ts';
import { ConnectionStore } from '../connections/connection-store.ts';
import type { Asking } from '../connections/connections.service.ts';
import { PlatformGateway } from '../gateway/platform-gateway.ts';
import { HOUSE, type House } from '../house.ts';
import { badRequest, ProblemError } from '../http/problem-error.ts';
import { PlatformCatalogue } from '../platforms/platform-catalogue.ts';
import { type BackfillDevice, BackfillDevices } from './backfill-devices.ts';
import { isoDuration, type Pace, paceOf } from './pace.ts';

export interface BackfillPlan extends TimeRange {
  connectionId: string;
  parts: NewPart[];
  gaps: Gap[];
  unavailable: (TimeRange & { deviceId: string; reason: string })[];
  calls: number;
  pace: Pace;
}

type Gap = TimeRange & { device: BackfillDevice };

/** Gaps that one question to the adapter may hold. */
const GAPS_PER_QUESTION = 1_000;
const MOST_GAPS = 5_000;
const MOST_PARTS = 10_000;
/** Of each kind, in an estimate. */
const NAMED = 100;

/** What a backfill would read, before anything is read: gaps from coverage, parts and calls from the adapter. */
@Injectable()
export class BackfillPlans {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(ConnectionStore) private readonly connections: ConnectionStore,
    @Inject(PlatformCatalogue) private readonly catalogue: PlatformCatalogue,
    @Inject(PlatformGateway) private readonly gateway: PlatformGateway,
    @Inject(BackfillDevices) private readonly devices: BackfillDevices,
  ) {}

  /** Throws what is wrong with the draft; `capability-unsupported` for a platform without history. */
  async make({ workspace }: CallerIdentity, draft: BackfillDraft, asking: Asking): Promise<BackfillPlan> {
    const connection = await this.connections.get(workspace, draft.connectionId);
    const target = { platform: connection.platform, connectionId: connection.id, version: connection.version };
    await this.catalogue.demand(target, 'telemetry.history');
    const range = { fromMs: Date.parse(draft.from), toMs: Date.parse(draft.to) };
    if (range.toMs > this.house.clock.now()) throw badRequest([{ pointer: '/body/to', detail: 'is in the future' }]);
    const devices = await this.devices.chosen(workspace, draft);
    const { gaps, unavailable } = await this.#gaps(draft, devices, range);
    const cut = await this.#cut(target, draft, gaps, asking);
    const calls = cut.reduce((sum, part) => sum + part.estimatedCalls, 0);
    const { budgets } = await this.gateway.ask(target, 'connection.budget', { connectionId: connection.id }, asking);
    const parts = cut.map(({ budget: _, ...part }) => part);
    const pace = paceOf(calls, budgets, cut[0]?.budget);
    return { connectionId: connection.id, ...range, parts, gaps, unavailable, calls, pace };
  }

  async #gaps(draft: BackfillDraft, devices: readonly BackfillDevice[], range: TimeRange) {
    const gaps: Gap[] = [];
    const unavailable: BackfillPlan['unavailable'] = [];
    if (!draft.onlyGaps) return { gaps: devices.map((device) => ({ ...range, device })), unavailable };
    const { connectionId, signals } = draft;
    const deviceIds = devices.map(({ id }) => id);
    const found = await gapsToRead(new CoverageReader(this.house.db.pool), {
      connectionId,
      deviceIds,
      signals,
      ...range,
    });
    for (const device of devices) {
      const { toRead = [], lost = [] } = found.get(device.id) ?? {};
      gaps.push(...toRead.map((gap) => ({ ...gap, device })));
      unavailable.push(...lost.map((span) => ({ ...span, deviceId: device.id })));
    }
    if (gaps.length > MOST_GAPS) throw tooMuch(`${gaps.length} gaps, of at most ${MOST_GAPS}`);
    return { gaps, unavailable };
  }

  async #cut(
    target: { platform: string; connectionId: string },
    { signals }: BackfillDraft,
    gaps: readonly Gap[],
    asking: Asking,
  ): Promise<(NewPart & { budget?: string | undefined })[]> {
    const parts: (NewPart & { budget?: string | undefined })[] = [];
    for (let at = 0; at < gaps.length; at += GAPS_PER_QUESTION) {
      const asked = gaps.slice(at, at + GAPS_PER_QUESTION);
      const payload = { connectionId: target.connectionId, gaps: asked.map((gap) => questionOf(gap, signals)) };
      const plan = await this.gateway.ask(target, 'telemetry.history-plan', payload, asking);
      for (const { gap, from, to, calls, budget } of plan.parts) {
        const device = asked[gap]?.device;
        if (!device) continue;
        const range = { fromMs: Date.parse(from), toMs: Date.parse(to) };
        parts.push({ deviceId: device.id, nativeId: device.nativeId, ...range, estimatedCalls: calls, budget });
      }
      if (parts.length > MOST_PARTS) throw tooMuch(`more than ${MOST_PARTS} parts`);
    }
    return parts;
  }
}

function questionOf({ device, fromMs, toMs }: Gap, signals: string[] | undefined): HistoryGap {
  const points = device.pointsPerMs * (toMs - fromMs);
  return {
    nativeId: device.nativeId,
    from: iso(fromMs),
    to: iso(toMs),
    ...(signals ? { signals } : {}),
    ...(device.pointsPerMs > 0 ? { expected: { series: device.series, points } } : {}),
  };
}

export function presentEstimate(plan: BackfillPlan): BackfillEstimate {
  return {
    connectionId: plan.connectionId,
    from: iso(plan.fromMs),
    to: iso(plan.toMs),
    devices: new Set(plan.gaps.map(({ device }) => device.id)).size,
    parts: plan.parts.length,
    gaps: plan.gaps.slice(0, NAMED).map(({ device, fromMs, toMs }) => ({
      deviceId: device.id,
      from: iso(fromMs),
      to: iso(toMs),
    })),
    gapCount: plan.gaps.length,
    calls: plan.calls,
    duration: isoDuration(plan.pace.ms),
    computed: plan.pace.computed,
    unavailable: plan.unavailable.slice(0, NAMED).map(({ deviceId, fromMs, toMs, reason }) => ({
      deviceId,
      from: iso(fromMs),
      to: iso(toMs),
      reason,
    })),
  };
}

const tooMuch = (what: string): ProblemError =>
  new ProblemError('unprocessable', `It is too much at once: ${what}. Ask for fewer devices or a shorter range.`);

const iso = (ms: number): string => new Date(ms).toISOString();
