import type { TrueValue } from '../kit/series-log.ts';
import type { Entity } from './entity-store.ts';
import { CK } from './scenario-libraries.ts';
import type { OctomeshState } from './state.ts';
import type { Tenant } from './tenant.ts';

/** All throw RangeError for what is not there. */

/** The first tenant when none is named. */
export function findTenant(state: OctomeshState, id: string | undefined): Tenant {
  const found = id === undefined ? state.tenants.main : state.tenant(id);
  if (!found) throw new RangeError(`no tenant is called ${id}`);
  return found;
}

export function findDevice(state: OctomeshState, ref: string | number): Entity {
  const found =
    typeof ref === 'number'
      ? energyMeterAt(state, ref)
      : Object.values(state.tenants)
          .map((one) => named(one, ref))
          .find(Boolean);
  if (!found) throw new RangeError(`no device is known as ${ref}`);
  return found;
}

export function findEntity(tenant: Tenant, ref: string): Entity {
  const found = named(tenant, ref);
  if (!found) throw new RangeError(`no entity is known as ${ref}`);
  return found;
}

/** By the order of their making, which their serial numbers tell. */
function energyMeterAt(state: OctomeshState, index: number): Entity | undefined {
  const serial = `EM-2024-${String(index + 1).padStart(4, '0')}`;
  return state.tenants.main.entitiesOf(CK.energyMeter).find((one) => one.attributes.serialNumber === serial);
}

function named(tenant: Tenant, ref: string): Entity | undefined {
  const all = [...tenant.model.types.keys()].flatMap((type) => tenant.entities.ofTypes([type]));
  return tenant.entities.get(ref) ?? all.find((one) => one.wellKnownName === ref || one.attributes.name === ref);
}

/** The tenant of an entity, and the stream that is named or that the entity's type is associated with. */
export function streamOf(
  state: OctomeshState,
  entity: Entity,
  stream: string | undefined,
): { tenant: Tenant; table: string } {
  const tenant = Object.values(state.tenants).find((one) => one.entities.get(entity.rtId));
  if (!tenant) throw new RangeError(`no tenant has the entity ${entity.rtId}`);
  const roles = tenant.model.type(entity.ckTypeId).roles.filter(({ other }) => tenant.streams.has(other));
  const table = stream ?? roles[0]?.other;
  if (table === undefined || !tenant.streams.has(table)) throw new RangeError(`no stream for ${entity.ckTypeId}`);
  return { tenant, table };
}

/** Values that are not named stay as they are in a row that is there. */
export function writeRows(
  state: OctomeshState,
  tenant: Tenant,
  stream: string,
  rtId: string,
  rows: ReadonlyArray<{ ts?: number; values: Record<string, TrueValue> }>,
): void {
  const table = tenant.stream(stream);
  const unknown = rows.flatMap(({ values }) => Object.keys(values)).find((name) => !table.attributes.includes(name));
  if (unknown !== undefined) throw new RangeError(`${stream} has no attribute ${unknown}`);
  for (const { ts = state.clock.now(), values } of rows) {
    const before = table.row(rtId, ts)?.values;
    const row = table.attributes.map((name, i) => (name in values ? (values[name] ?? null) : (before?.[i] ?? null)));
    state.writeRow(tenant, stream, { rtId, ts, values: row });
  }
}
