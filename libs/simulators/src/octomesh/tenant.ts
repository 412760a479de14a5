import type { GraphQLSchema } from 'graphql';
import type { ScenarioClock } from '../kit/scenario-clock.ts';
import { hash } from '../kit/seeded.ts';
import type { TrueValue } from '../kit/series-log.ts';
import { CkError, CkModel, type RoleModel } from './ck-model.ts';
import type { CkLibrary } from './construction-kit.ts';
import { type Entity, EntityStore } from './entity-store.ts';
import { FieldFailures } from './field-failures.ts';
import { DocumentCache } from './graphql-document.ts';
import { buildSchema } from './graphql-schema.ts';
import { StreamTable } from './stream-table.ts';

export interface StoredFile {
  id: string;
  fileName: string;
  contentType: string;
  size: number;
}

export interface TenantParts {
  id: string;
  seed: number;
  clock: ScenarioClock;
  visibleAfterMs: number;
  removesAssociations: boolean;
  /** Told of every entity whose type has a stream. */
  onMeter(rtId: string): void;
}

/** One tenant: its libraries, the schema they make, its entities, streams and files. */
export class Tenant {
  readonly id: string;
  readonly entities = new EntityStore();
  readonly streams = new Map<string, StreamTable>();
  readonly files: StoredFile[] = [];
  readonly failures = new FieldFailures();
  readonly #parts: TenantParts;
  readonly #libraries = new Map<string, CkLibrary>();
  #model = new CkModel([]);
  #schema: GraphQLSchema | undefined;
  #documents: DocumentCache | undefined;
  #made = 0;

  constructor(parts: TenantParts) {
    this.#parts = parts;
    this.id = parts.id;
  }

  get model(): CkModel {
    return this.#model;
  }

  /** Documents that were read against the present schema. */
  get documents(): DocumentCache {
    if (!this.#documents) throw new RangeError(`the tenant ${this.id} has no libraries`);
    return this.#documents;
  }

  get schema(): GraphQLSchema {
    if (!this.#schema) throw new RangeError(`the tenant ${this.id} has no libraries`);
    return this.#schema;
  }

  libraries(): CkLibrary[] {
    return [...this.#libraries.values()];
  }

  library(id: string): CkLibrary | undefined {
    return this.#libraries.get(id);
  }

  /** Adds libraries or puts new versions in their place. Throws `CkError`, and changes nothing, when no schema follows from all. */
  install(...given: readonly CkLibrary[]): void {
    const libraries = new Map(this.#libraries);
    for (const library of given) libraries.set(library.libraryId, library);
    const model = new CkModel([...libraries.values()]);
    const schema = schemaOf(model, this.#parts);
    const documents = new DocumentCache(schema);
    for (const library of given) this.#libraries.set(library.libraryId, library);
    this.#model = model;
    this.#schema = schema;
    this.#documents = documents;
    this.#makeStreams();
  }

  /** Throws RangeError. */
  stream(ckTypeId: string): StreamTable {
    const table = this.streams.get(ckTypeId);
    if (!table) throw new RangeError(`no stream is called ${ckTypeId}`);
    return table;
  }

  /** Those of the type and of all that are derived from it, in the order of their ids. */
  entitiesOf(ckTypeId: string): Entity[] {
    const types = [...this.#model.types.values()].filter((type) => type.lineage.has(ckTypeId));
    return this.entities.ofTypes(types.map((type) => type.id));
  }

  create(ckTypeId: string, attributes: Record<string, TrueValue>, wellKnownName?: string): Entity {
    const entity: Entity = { rtId: this.#nextId(), ckTypeId, wellKnownName, attributes };
    this.entities.add(entity);
    if (this.#model.type(ckTypeId).roles.some(({ other }) => this.streams.has(other))) this.#parts.onMeter(entity.rtId);
    return entity;
  }

  /** Its stream rows stay. */
  remove(rtId: string): boolean {
    return this.entities.remove(rtId);
  }

  /** Whether an entity at the other end of a role may not have another link of it. */
  isTaken(role: RoleModel, other: string): boolean {
    const direction = role.direction === 'outbound' ? 'inbound' : 'outbound';
    const back = this.#model.types
      .get(role.other)
      ?.roles.find((one) => one.id === role.id && one.direction === direction);
    return (back?.single ?? false) && this.entities.linked(role.id, direction, other).length > 0;
  }

  /** Looks random, and does not grow with time: no order may be read from it. */
  #nextId(): string {
    const n = this.#made++;
    const words = [0, 1, 2].map((word) => hash(this.#parts.seed, textNumber(this.id), n, word));
    return words.map((word) => word.toString(16).padStart(8, '0')).join('');
  }

  #makeStreams(): void {
    for (const type of this.#model.types.values()) {
      const attributes = type.attributes.map(({ name }) => name);
      const known = this.streams.get(type.id);
      if (!type.isStream || (known && String(known.attributes) === String(attributes))) continue;
      this.streams.set(type.id, new StreamTable({ ...this.#parts, attributes }));
    }
  }
}

/** GraphQL itself says what makes no schema, such as a type with the name of one that is always there. */
function schemaOf(model: CkModel, options: { removesAssociations: boolean }): GraphQLSchema {
  try {
    return buildSchema(model, options);
  } catch (error) {
    throw Object.assign(new CkError(error instanceof Error ? error.message : 'no schema'), { cause: error });
  }
}

const textNumber = (text: string): number => [...text].reduce((sum, sign) => sum * 31 + sign.charCodeAt(0), 7) | 0;
