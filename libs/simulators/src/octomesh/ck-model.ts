import type { TrueValue } from '../kit/series-log.ts';
import type { AttributeType, CkAssociation, CkAttribute, CkLibrary, CkType } from './construction-kit.ts';

export interface EnumModel {
  id: string;
  /** Without dots and slashes, as GraphQL wants it. */
  name: string;
  values: readonly string[];
}

export interface RecordModel {
  id: string;
  name: string;
  attributes: readonly AttributeModel[];
}

export interface AttributeModel {
  name: string;
  type: AttributeType;
  isRequired: boolean;
  defaultValue?: TrueValue;
  unit?: string;
  description?: string;
  enum?: EnumModel;
  record?: RecordModel;
}

/** One end of an association, as the type at this end sees it. */
export interface RoleModel {
  /** The same for both ends. */
  id: string;
  name: string;
  direction: 'outbound' | 'inbound';
  /** Type at the other end. */
  other: string;
  /** Whether there may be no more than one at the other end. */
  single: boolean;
}

export interface TypeModel {
  /** Such as `Industry.Energy/EnergyMeter`. */
  id: string;
  /** Such as `IndustryEnergyEnergyMeter`. */
  name: string;
  /** Such as `EnergyMeter`. */
  shortName: string;
  isAbstract: boolean;
  isStream: boolean;
  valueAttribute?: string;
  /** Itself and all that it is derived from. */
  lineage: ReadonlySet<string>;
  attributes: readonly AttributeModel[];
  roles: readonly RoleModel[];
}

/** Why libraries do not fit together. */
export class CkError extends Error {
  override readonly name = 'CkError';
}

/** All types of a tenant's libraries, with everything they inherit. */
export class CkModel {
  readonly types: ReadonlyMap<string, TypeModel>;

  /** Throws `CkError` when something refers to what is not there, or names collide. */
  constructor(libraries: readonly CkLibrary[]) {
    this.types = new Resolver(libraries).resolve();
  }

  /** Throws RangeError. */
  type(id: string): TypeModel {
    const found = this.types.get(id);
    if (!found) throw new RangeError(`no CK type is called ${id}`);
    return found;
  }

  isA(type: string, ancestor: string): boolean {
    return this.types.get(type)?.lineage.has(ancestor) ?? false;
  }
}

export const flattened = (id: string): string => id.replaceAll(/[./]/g, '');

class Resolver {
  readonly #types = new Map<string, { library: string; type: CkType }>();
  readonly #enums = new Map<string, EnumModel>();
  readonly #records = new Map<string, { library: string; attributes: readonly CkAttribute[] }>();
  readonly #madeRecords = new Map<string, RecordModel>();

  constructor(libraries: readonly CkLibrary[]) {
    for (const { libraryId: library, types, enums, records } of libraries) {
      for (const type of types) this.#types.set(`${library}/${type.typeId}`, { library, type });
      for (const { enumId, values } of enums)
        this.#enums.set(`${library}/${enumId}`, enumModel(library, enumId, values));
      for (const { recordId, attributes } of records)
        this.#records.set(`${library}/${recordId}`, { library, attributes });
    }
    this.#refuseTwins();
  }

  resolve(): Map<string, TypeModel> {
    const inbound = this.#inboundRoles();
    return new Map([...this.#types.keys()].map((id) => [id, this.#typeModel(id, inbound)]));
  }

  #refuseTwins(): void {
    const ids = [...this.#types.keys(), ...this.#enums.keys(), ...this.#records.keys()];
    const names = new Set(ids.map(flattened));
    if (names.size < ids.length) throw new CkError('two definitions have the same name');
  }

  #typeModel(id: string, inbound: ReadonlyMap<string, RoleModel[]>): TypeModel {
    const line = this.#lineage(id);
    const { type } = this.#found(id);
    const attributes = line.flatMap((at) => this.#attributesOf(at));
    const roles = line.flatMap((at) => [...this.#outboundRoles(at), ...(inbound.get(at) ?? [])]);
    refuseRepeated(
      id,
      [...attributes, ...roles].map(({ name }) => name),
    );
    return {
      id,
      name: flattened(id),
      shortName: type.typeId,
      isAbstract: type.isAbstract ?? false,
      isStream: type.isStream ?? false,
      ...(type.valueAttribute === undefined ? {} : { valueAttribute: type.valueAttribute }),
      lineage: new Set(line),
      attributes,
      roles,
    };
  }

  /** From the root to the type itself. */
  #lineage(id: string): string[] {
    const line: string[] = [];
    for (let at: string | undefined = id; at !== undefined; ) {
      if (line.includes(at)) throw new CkError(`${id} is derived from itself`);
      line.unshift(at);
      const { library, type } = this.#found(at);
      at = type.baseType === undefined ? undefined : qualified(library, type.baseType);
    }
    return line;
  }

  #found(id: string): { library: string; type: CkType } {
    const found = this.#types.get(id);
    if (!found) throw new CkError(`there is no type ${id}`);
    return found;
  }

  #attributesOf(id: string): AttributeModel[] {
    const { library, type } = this.#found(id);
    return type.attributes.map((attribute) => this.#attributeModel(library, attribute));
  }

  #attributeModel(library: string, given: CkAttribute): AttributeModel {
    const { name, type, isRequired = false, defaultValue, unit, description } = given;
    return {
      name,
      type,
      isRequired,
      ...(defaultValue === undefined ? {} : { defaultValue: defaultValue as TrueValue }),
      ...(unit === undefined ? {} : { unit }),
      ...(description === undefined ? {} : { description }),
      ...(type === 'enum' ? { enum: this.#enum(library, name, given.enum) } : {}),
      ...(type === 'record' || type === 'recordArray' ? { record: this.#record(library, name, given.record) } : {}),
    };
  }

  #enum(library: string, attribute: string, reference: string | undefined): EnumModel {
    const found = this.#enums.get(qualified(library, reference ?? ''));
    if (!found) throw new CkError(`${attribute}: there is no enum ${reference ?? '(none named)'}`);
    return found;
  }

  #record(library: string, attribute: string, reference: string | undefined): RecordModel {
    const id = qualified(library, reference ?? '');
    const made = this.#madeRecords.get(id);
    if (made) return made;
    const found = this.#records.get(id);
    if (!found) throw new CkError(`${attribute}: there is no record ${reference ?? '(none named)'}`);
    const attributes: AttributeModel[] = [];
    const record = { id, name: flattened(id), attributes };
    this.#madeRecords.set(id, record);
    attributes.push(...found.attributes.map((one) => this.#attributeModel(found.library, one)));
    return record;
  }

  #outboundRoles(id: string): RoleModel[] {
    const { library, type } = this.#found(id);
    return type.associations.map(({ name, target, multiplicity }) => {
      const other = qualified(library, target);
      this.#found(other);
      return { id: `${id}.${name}`, name, direction: 'outbound', other, single: multiplicity !== 'N' };
    });
  }

  #inboundRoles(): Map<string, RoleModel[]> {
    const roles = new Map<string, RoleModel[]>();
    for (const [origin, { library, type }] of this.#types) {
      for (const association of type.associations) {
        const role = inboundRole(origin, association);
        const target = qualified(library, association.target);
        if (role) roles.set(target, [...(roles.get(target) ?? []), role]);
      }
    }
    return roles;
  }
}

function inboundRole(origin: string, association: CkAssociation): RoleModel | undefined {
  const { name, inboundName, inboundMultiplicity } = association;
  if (inboundName === undefined) return undefined;
  const single = inboundMultiplicity !== 'N';
  return { id: `${origin}.${name}`, name: inboundName, direction: 'inbound', other: origin, single };
}

const enumModel = (library: string, enumId: string, values: readonly string[]): EnumModel => ({
  id: `${library}/${enumId}`,
  name: flattened(`${library}/${enumId}`),
  values,
});

const qualified = (library: string, reference: string): string =>
  reference.includes('/') ? reference : `${library}/${reference}`;

function refuseRepeated(id: string, names: readonly string[]): void {
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) throw new CkError(`${id}: ${repeated} is there twice`);
}
