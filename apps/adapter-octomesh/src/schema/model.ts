import type { Arguments } from '../dialect/operation.ts';

/** What the schema's scalar says of an attribute's values; `other` is a structure or a scalar that we do not know. */
export type AttributeKind = 'text' | 'enum' | 'integer' | 'long' | 'number' | 'boolean' | 'instant' | 'id' | 'other';

/** How an attribute is written. */
export interface WriteRule {
  required: boolean;
  /** It may be set to null. */
  nullable: boolean;
  kind: AttributeKind;
  list: boolean;
  enumValues?: readonly string[];
}

export interface Attribute {
  name: string;
  description?: string;
  kind: AttributeKind;
  list: boolean;
  /** The schema promises that there is always a value. */
  nonNull: boolean;
  enumValues?: readonly string[];
  /** What stands in a document to read it. */
  selection: string;
  /** Operators that its filter knows; none where it cannot be filtered by. */
  operators: ReadonlySet<string>;
  sortable: boolean;
  write?: WriteRule;
}

/** How a field that answers pages is asked, and what its answer has. */
export interface Listing {
  field: string;
  args: Arguments;
  /** Members of `pageInfo`, and `totalCount` beside it where that is where the schema has it. */
  pageInfo: string;
}

export interface Association {
  name: string;
  args: Arguments;
  pageInfo: string;
  /** GraphQL types of what it leads to: one, or the members of a union. */
  objectTypes: readonly string[];
  union: boolean;
}

/** One CK type as the tenant's schema shows it. */
export interface EntityModel {
  /** `Industry.Energy/EnergyMeter` where a library's name can be told from it, else as `flat`. */
  name: string;
  /** `IndustryEnergyEnergyMeter`, as field names carry it. */
  flat: string;
  objectType: string;
  description?: string;
  attributes: readonly Attribute[];
  associations: readonly Association[];
  /** Fields of items that show readings of the entity, by the GraphQL type of a reading. */
  readingTypes: readonly string[];
  listing: Listing;
  /** Filter operators on the id. */
  idOperators: ReadonlySet<string>;
  sortableById: boolean;
  byId?: Arguments;
  byWellKnownName?: Arguments;
  create?: Arguments;
  update?: Arguments;
  remove?: { args: Arguments; selection: string };
  relate?: Arguments;
}

/** One stream type: rows of an entity with a time and several measured attributes. */
export interface StreamModel {
  name: string;
  flat: string;
  objectType: string;
  attributes: readonly Attribute[];
  listing: Listing;
}

export interface SchemaModel {
  /** By flattened name. */
  entities: ReadonlyMap<string, EntityModel>;
  streams: ReadonlyMap<string, StreamModel>;
  libraries: Libraries;
}

/** What the list of construction kits adds to the schema. */
export interface Libraries {
  ids: readonly string[];
  /** UCUM codes by flattened type and attribute. */
  units: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

export const NO_LIBRARIES: Libraries = { ids: [], units: new Map() };
