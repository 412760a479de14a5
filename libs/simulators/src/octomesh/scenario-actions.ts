import { z } from 'zod';
import { Actions, action } from '../kit/actions.ts';
import { burstInput, misbehaveInput, onlineInput } from '../kit/production-inputs.ts';
import type { TrueValue } from '../kit/series-log.ts';
import { checkAttributes, withDefaults } from './attribute-check.ts';
import { ckLibrary } from './construction-kit.ts';
import type { Entity } from './entity-store.ts';
import type { RunningMeter } from './production.ts';
import type { OctomeshScenario } from './scenario.ts';
import { CK } from './scenario-libraries.ts';
import { findDevice, findEntity, findTenant, streamOf, writeRows } from './scenario-lookup.ts';
import type { OctomeshState } from './state.ts';

/** Id, well-known name, `name`, or position among the energy meters of the first tenant. */
const device = z.union([z.string(), z.number().int().min(0)]);
const tenant = z.string().optional();
const attributes = z.record(z.string(), z.json());
const ckTypeId = z.string().default(CK.energyMeter);

export const octomeshActions = (state: OctomeshState, scenario: OctomeshScenario): Actions =>
  new Actions({
    ...deviceActions(state, scenario),
    ...rowActions(state, scenario),
    ...entityActions(state),
    ...platformActions(state),
  });

/** Throws RangeError. */
const findMeter = (state: OctomeshState, { production }: OctomeshScenario, ref: string | number): RunningMeter =>
  production.meter(findDevice(state, ref).rtId);

function deviceActions(state: OctomeshState, scenario: OctomeshScenario) {
  const describe = (entity: Entity) => ({
    id: entity.rtId,
    ckTypeId: entity.ckTypeId,
    name: entity.attributes.name ?? entity.wellKnownName ?? entity.rtId,
    wellKnownName: entity.wellKnownName ?? null,
    online: scenario.production.isOnline({ id: entity.rtId }),
  });
  return {
    devices: action('lists the meters of a tenant', z.strictObject({ tenant }), (input) => {
      const found = findTenant(state, input.tenant);
      const types = [CK.energyMeter, CK.waterMeter].filter((type) => found.model.types.has(type));
      return types.flatMap((type) => found.entitiesOf(type)).map(describe);
    }),
    'set-online': action(
      'a meter stops or resumes sending; what it measured meanwhile comes late, unless it forgets',
      onlineInput(device),
      (input) => scenario.production.setOnline(findMeter(state, scenario, input.device), input.online, input.forgets),
    ),
    'add-device': action(
      'adds an energy meter to the first tenant; it measures from now on',
      z.strictObject({ name: z.string().min(1) }),
      ({ name }) => ({ id: scenario.addMeter(name).rtId }),
    ),
    'remove-device': action('deletes a meter; its rows stay', z.strictObject({ device }), (input) => {
      const { rtId } = findDevice(state, input.device);
      scenario.production.remove({ id: rtId });
      for (const one of Object.values(state.tenants)) one.remove(rtId);
    }),
    measure: action(
      'lets an entity that was created over the API measure energy from now on',
      z.strictObject({ device, tenant }),
      (input) => {
        const found = findTenant(state, input.tenant);
        scenario.adopt(found, findEntity(found, String(input.device)).rtId);
      },
    ),
  };
}

function rowActions(state: OctomeshState, scenario: OctomeshScenario) {
  return {
    burst: action(
      'writes so many rows of a meter at once, stepMs apart, the last one now',
      burstInput(device),
      (input) => scenario.production.burst(findMeter(state, scenario, input.device), input.count, input.stepMs),
    ),
    misbehave: action(
      'a row comes late, two in the wrong order, the last one again, or corrected',
      misbehaveInput(device),
      (input) => scenario.production.misbehave(findMeter(state, scenario, input.device), input.way, input.lateMs),
    ),
    produce: action(
      'writes rows of any stream at any time; a row that is there is rewritten: what is not named stays, null takes away',
      z.strictObject({
        device,
        stream: z.string().optional(),
        rows: z.array(z.strictObject({ ts: z.number().int().optional(), values: attributes })).min(1),
      }),
      ({ device: ref, stream, rows }) => {
        const entity = findDevice(state, ref);
        const { tenant: of, table } = streamOf(state, entity, stream);
        writeRows(state, of, table, entity.rtId, rows as Array<{ ts?: number; values: Record<string, TrueValue> }>);
      },
    ),
  };
}

function entityActions(state: OctomeshState) {
  const entity = z.string();
  return {
    entities: action('lists the entities of a type', z.strictObject({ tenant, ckTypeId }), (input) =>
      findTenant(state, input.tenant).entitiesOf(input.ckTypeId),
    ),
    'create-entity': action(
      'somebody else creates an entity',
      z.strictObject({ tenant, ckTypeId, wellKnownName: z.string().optional(), attributes: attributes.default({}) }),
      (input) => {
        const found = findTenant(state, input.tenant);
        const type = found.model.type(input.ckTypeId);
        const given = withDefaults(type, input.attributes as Record<string, TrueValue>);
        checkAttributes(type, given, 'all');
        return { id: found.create(type.id, given, input.wellKnownName).rtId };
      },
    ),
    'update-entity': action(
      'somebody else changes attributes of an entity',
      z.strictObject({ tenant, entity, attributes }),
      (input) => {
        const found = findEntity(findTenant(state, input.tenant), input.entity);
        found.attributes = { ...found.attributes, ...(input.attributes as Record<string, TrueValue>) };
      },
    ),
    'delete-entity': action('somebody else deletes an entity', z.strictObject({ tenant, entity }), (input) => {
      const found = findTenant(state, input.tenant);
      return { deleted: found.remove(findEntity(found, input.entity).rtId) };
    }),
    'install-library': action(
      'somebody else uploads a Construction Kit library, in the form of the upload route',
      z.strictObject({ tenant, library: z.json() }),
      (input) => findTenant(state, input.tenant).install(ckLibrary.parse(input.library)),
    ),
  };
}

function platformActions(state: OctomeshState) {
  return {
    'revoke-client': action(
      'a client is revoked: its tokens are worthless and it gets no new ones',
      z.strictObject({ clientId: z.string(), revoked: z.boolean().default(true) }),
      (input) => state.identity.setRevoked(input.clientId, input.revoked),
    ),
    'register-redirect-uri': action(
      'allows browsers to be sent back to another address',
      z.strictObject({ redirectUri: z.string().min(1) }),
      (input) => {
        state.identity.redirectUris.push(input.redirectUri);
      },
    ),
    'set-health': action('changes what the health route says', z.strictObject({ healthy: z.boolean() }), (input) => {
      state.healthy = input.healthy;
    }),
    'partial-answers': action(
      'answers may have data beside errors: what could be answered is kept',
      z.strictObject({ enabled: z.boolean() }),
      (input) => {
        state.partialAnswers = input.enabled;
      },
    ),
    'fail-field': action(
      'a field below runtime or streamData fails so many times, such as rtIndustryEnergyEnergyMeter',
      z.strictObject({
        tenant,
        field: z.string().min(1),
        code: z.enum(['FORBIDDEN', 'ENTITY_NOT_FOUND', 'VALIDATION_ERROR', 'CK_TYPE_NOT_FOUND', 'ASSOCIATION_ERROR']),
        message: z.string().default('Failed by a test'),
        count: z.number().int().min(1).default(1),
      }),
      ({ tenant: of, field, code, message, count }) =>
        findTenant(state, of).failures.set(field, { code, message }, count),
    ),
    files: action(
      'lists what was uploaded',
      z.strictObject({ tenant }),
      (input) => findTenant(state, input.tenant).files,
    ),
  };
}
