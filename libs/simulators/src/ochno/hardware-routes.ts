import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { User } from './accounts.ts';
import { parsed } from './auth-routes.ts';
import { type Collection, collectionRoutes, referred } from './collection-routes.ts';
import type { FloorPlan, Hub, Port } from './records.ts';
import type { OchnoScenario } from './scenario.ts';
import { addHub } from './scenario-places.ts';
import type { OchnoState } from './state.ts';
import { badRequest } from './vendor-error.ts';

const FIRST_MADE_HUB = 3_000_000;

const hardwareBody = z.object({ name: z.string().min(1), floorPlanId: z.string().optional() });
const newHubBody = z.object({ name: z.string().min(1), hwId: z.string().min(1), floorPlanId: z.string() });

/** Hubs and their ports. Their data is theirs: what a caller sends of it is not looked at. */
export function hardwareRoutes(app: FastifyInstance, state: OchnoState, scenario: OchnoScenario): void {
  collectionRoutes(app, hubs(state, scenario));
  collectionRoutes(app, ports(state));
}

function hubs(state: OchnoState, scenario: OchnoScenario): Collection<Hub> {
  let made = 0;
  return {
    name: 'hubs',
    operation: 'OCHNO-15',
    records: state.hubs,
    belongsTo: ({ id, locationId, floorPlanId }) => ({
      companyId: state.companyOfLocation(locationId),
      locationId,
      floorPlanId,
      hubId: id,
    }),
    create: (body, user) => {
      const { name, hwId, floorPlanId } = parsed(newHubBody, body);
      const { locationId } = referred<FloorPlan>(state, user, state.floorplans, floorPlanId);
      const hub = addHub(state, { name, hwId, floorPlanId, locationId, index: FIRST_MADE_HUB + made++ });
      scenario.equip(hub);
      return hub;
    },
    replace: (known, body, user) => {
      const { name, floorPlanId = known.floorPlanId } = parsed(hardwareBody, body);
      return { ...known, name, floorPlanId: sameLocation(state, user, floorPlanId, known.locationId) };
    },
    remove: (hub) => scenario.removeHub(hub),
  };
}

function ports(state: OchnoState): Collection<Port> {
  return {
    name: 'ports',
    operation: 'OCHNO-16',
    records: state.ports,
    belongsTo: (port) => {
      const { companyId, locationId, hubId } = state.placeOf(port);
      return { companyId, locationId, hubId, floorPlanId: port.floorPlanId };
    },
    // The record stays the same one: the simulated socket goes on writing into it.
    replace: (known, body, user) => {
      const { name, floorPlanId = known.floorPlanId } = parsed(hardwareBody, body);
      const { locationId } = state.placeOf(known);
      return Object.assign(known, { name, floorPlanId: sameLocation(state, user, floorPlanId, locationId) });
    },
  };
}

/** A hub is screwed to a table: it changes floors of its building, not the building. */
function sameLocation(state: OchnoState, user: User, floorPlanId: string, locationId: string): string {
  if (referred<FloorPlan>(state, user, state.floorplans, floorPlanId).locationId === locationId) return floorPlanId;
  throw badRequest('floorPlanId: of another location');
}
