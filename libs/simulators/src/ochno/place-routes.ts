import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parsed } from './auth-routes.ts';
import { type Collection, collectionRoutes } from './collection-routes.ts';
import type { FloorPlan, Location } from './records.ts';
import { newId } from './scenario-places.ts';
import type { OchnoState } from './state.ts';
import { badRequest, forbidden, notFound } from './vendor-error.ts';

const MADE_LOCATION = 11;
const MADE_FLOOR_PLAN = 12;

const locationBody = z.object({
  name: z.string().min(1),
  type: z.string().optional(),
  address: z.string().optional(),
});
const floorPlanBody = z.object({
  name: z.string().min(1),
  image: z.string().optional(),
  data: z.record(z.string(), z.json()).optional(),
});

/** Locations and floor plans: what is not sent keeps its value, what they belong to cannot be changed. */
export function placeRoutes(app: FastifyInstance, state: OchnoState): void {
  collectionRoutes(app, locations(state));
  collectionRoutes(app, floorPlans(state));
}

function locations(state: OchnoState): Collection<Location> {
  let made = 0;
  return {
    name: 'locations',
    operation: 'OCHNO-13',
    records: state.locations,
    belongsTo: ({ id, companyId }) => ({ companyId, locationId: id }),
    create: (body, user) => {
      const { companyId, ...rest } = parsed(locationBody.extend({ companyId: z.string() }), body);
      const location = { id: newId(state, MADE_LOCATION, made++), companyId: state.companyFor(user, companyId).id };
      return stored(state.locations, { ...location, ...present(rest) });
    },
    replace: (known, body) => ({ ...known, ...present(parsed(locationBody, body)) }),
    remove: ({ id }) => {
      const inside = [...state.floorplans.values(), ...state.hubs.values()].some((one) => one.locationId === id);
      if (inside) throw badRequest('the location is not empty');
      state.locations.delete(id);
    },
  };
}

function floorPlans(state: OchnoState): Collection<FloorPlan> {
  let made = 0;
  return {
    name: 'floorplans',
    operation: 'OCHNO-14',
    records: state.floorplans,
    belongsTo: ({ id, locationId }) => ({
      companyId: state.companyOfLocation(locationId),
      locationId,
      floorPlanId: id,
    }),
    create: (body, user) => {
      const { locationId, data = {}, ...rest } = parsed(floorPlanBody.extend({ locationId: z.string() }), body);
      const location = state.locations.get(locationId);
      if (!location) throw notFound();
      if (!user.companies.has(location.companyId)) throw forbidden();
      const id = newId(state, MADE_FLOOR_PLAN, made++);
      return stored(state.floorplans, { id, locationId, data, ...present(rest) });
    },
    replace: (known, body) => ({ ...known, ...present(parsed(floorPlanBody, body)) }),
    remove: ({ id }) => {
      if ([...state.hubs.values()].some((hub) => hub.floorPlanId === id)) throw badRequest('the floor plan is in use');
      state.floorplans.delete(id);
    },
  };
}

export function stored<T extends { id: string }>(records: Map<string, T>, record: T): T {
  records.set(record.id, record);
  return record;
}

/** Members without a value are absent, not null. */
export type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> };
export const present = <T extends object>(given: T): Present<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Present<T>;
