import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { User } from './accounts.ts';
import { parsed } from './auth-routes.ts';
import { valuesOf } from './collection-routes.ts';
import { aggregate } from './metrics.ts';
import type { OchnoState } from './state.ts';
import { forbidden, notFound } from './vendor-error.ts';

const INTERVALS = { '1m': 60_000, '1h': 3_600_000, '1d': 86_400_000 } as const;
const DAY = INTERVALS['1d'];

const isoTime = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const metricsQuery = z.object({
  from: isoTime.optional(),
  to: isoTime.optional(),
  interval: z.enum(['1m', '1h', '1d']).default('1h'),
  portId: z.unknown().optional().transform(valuesOf),
  hubId: z.unknown().optional().transform(valuesOf),
  companyId: z.unknown().optional().transform(valuesOf),
});

export function metricsRoutes(app: FastifyInstance, state: OchnoState): void {
  app.get<{ Params: { measurement: string } }>(
    '/api/metrics/:measurement',
    { config: { operation: 'OCHNO-17' } },
    ({ ochnoUser, params: { measurement }, query, simulated: { served } }) => {
      const { from: asFrom, to = state.clock.now(), interval, ...asked } = parsed(metricsQuery, query);
      const portIds = portsOf(state, ochnoUser, asked);
      const from = asFrom ?? to - DAY;
      if (served) for (const id of portIds) for (const ts of [from, to]) served.add(id, ts, measurement);
      return aggregate([state.archive, state.truth], {
        ...{ measurement, portIds, from, to },
        intervalMs: INTERVALS[interval],
      });
    },
  );
}

interface Asked {
  portId: string[];
  hubId: string[];
  companyId: string[];
}

/** Ports that fit every parameter. Throws 404 for a port, hub or company that is not there, 403 for one of others. */
function portsOf(state: OchnoState, user: User, { portId, hubId, companyId }: Asked): string[] {
  for (const id of companyId) state.companyFor(user, id);
  for (const id of hubId) {
    const hub = state.hubs.get(id);
    requireCompany(user, hub && state.companyOfLocation(hub.locationId));
  }
  for (const id of portId) {
    const port = state.ports.get(id);
    requireCompany(user, port && state.placeOf(port).companyId);
  }
  const fits = (wanted: string[], own: string) => wanted.length === 0 || wanted.includes(own);
  return [...state.ports.values()]
    .filter((port) => {
      const place = state.placeOf(port);
      if (!user.companies.has(place.companyId)) return false;
      return fits(portId, port.id) && fits(hubId, port.hubId) && fits(companyId, place.companyId);
    })
    .map(({ id }) => id);
}

function requireCompany(user: User, companyId: string | undefined): void {
  if (companyId === undefined) throw notFound();
  if (!user.companies.has(companyId)) throw forbidden();
}
