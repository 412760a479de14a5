import { ANSWER_LOST, type Call, digest } from '@tributary/adapter-kit';
import {
  ConflictError,
  type EntityRecord,
  InvalidRequestError,
  isPlatformError,
  type Json,
  MalformedResponseError,
  type PlatformError,
} from '@tributary/contracts';
import { isObject } from '../client.ts';
import {
  addAssociation,
  createEntity,
  deleteEntity,
  type EntityInput,
  entityByWellKnownName,
  updateEntity,
} from '../dialect/documents.ts';
import { CODES } from '../errors.ts';
import { entityRecord } from '../mapping.ts';
import type { EntityModel } from '../schema/model.ts';
import { runtimeEntity } from '../wire.ts';
import { checkedDraft } from './entities.draft.ts';
import { associationOf } from './entities.related.ts';
import type { EntitiesOptions } from './entities.ts';

export interface WriterOptions extends EntitiesOptions {
  read(model: EntityModel, id: string, call: Call): Promise<EntityRecord>;
}

type Attributes = Readonly<Record<string, Json>>;

const WELL_KNOWN_NAME = 'wellKnownName';

/** Creates, changes, removes and relates; what may be sent twice is, and what may not is looked up first. */
export class EntityWriter {
  constructor(private readonly options: WriterOptions) {}

  /**
   * A record without a well-known name gets one that follows from its content, so the same order given twice makes one
   * record. After a lost answer the name tells whether it was made.
   */
  async create(model: EntityModel, attributes: Attributes, call: Call): Promise<EntityRecord> {
    const draft = checkedDraft(model, attributes, 'create');
    const wellKnownName = draft.wellKnownName ?? this.#nameFor(model, attributes);
    const named = { ...draft, wellKnownName };
    try {
      return await this.#send(model, named, call);
    } catch (error) {
      if (!isPlatformError(error)) throw error;
      if (isTaken(error)) return this.#taken(model, named, error, call);
      if (!mayHaveTakenEffect(error)) throw error;
      const made = await this.#find(model, wellKnownName, attributes, call);
      if (made) return made;
      if (error.platformCode !== ANSWER_LOST) throw error;
      return this.#sendAgain(model, named, call);
    }
  }

  /** The first one may have been on its way still. */
  async #sendAgain(model: EntityModel, named: EntityInput, call: Call): Promise<EntityRecord> {
    try {
      return await this.#send(model, named, call);
    } catch (error) {
      if (isPlatformError(error) && isTaken(error)) return this.#taken(model, named, error, call);
      throw error;
    }
  }

  /** Throws `ConflictError` when the record is no longer the one that `ifMatch` names. */
  async update(
    model: EntityModel,
    { id, patch, ifMatch }: { id: string; patch: Attributes; ifMatch: string },
    call: Call,
  ): Promise<EntityRecord> {
    const entity = checkedDraft(model, patch, 'update');
    await this.#unchanged(model, id, ifMatch, call);
    if (Object.keys(patch).length === 0) return this.options.read(model, id, call);
    const document = updateEntity(model, id, entity);
    const options = { id: 'OCTO-12', ...call, idempotent: true };
    return this.#record(model, await this.options.client.one('runtime', document, options), 'OCTO-12');
  }

  /** Sent twice it says that there is no such record: then it is done. */
  async remove(model: EntityModel, { id, ifMatch }: { id: string; ifMatch: string }, call: Call): Promise<void> {
    await this.#unchanged(model, id, ifMatch, call);
    try {
      await this.options.client.one('runtime', deleteEntity(model, id), { id: 'OCTO-13', ...call, idempotent: true });
    } catch (error) {
      if (!isPlatformError(error) || error.platformCode !== CODES.notFound) throw error;
    }
  }

  /** A link that is there already stays as it is. */
  async relate(
    model: EntityModel,
    { id, relation, targets }: { id: string; relation: string; targets: readonly string[] },
    call: Call,
  ): Promise<void> {
    const { name } = associationOf(model, relation);
    const document = addAssociation(model, { rtId: id, association: name, targetRtIds: targets });
    await this.options.client.one('runtime', document, { id: 'OCTO-14', ...call, idempotent: true });
  }

  async #send(model: EntityModel, entity: EntityInput, call: Call): Promise<EntityRecord> {
    const answer = await this.options.client.one('runtime', createEntity(model, entity), { id: 'OCTO-11', ...call });
    return this.#record(model, answer, 'OCTO-11');
  }

  /** The name may be taken: by this very order, given before, or by another record, which `find` throws. */
  async #taken(model: EntityModel, draft: EntityInput, error: PlatformError, call: Call): Promise<EntityRecord> {
    const found = await this.#find(model, draft.wellKnownName ?? '', draft.attributes, call);
    if (found) return found;
    throw error;
  }

  /** The record of the name, if there is one. Throws `ConflictError` when it is not what was to be made. */
  async #find(
    model: EntityModel,
    wellKnownName: string,
    attributes: Readonly<Record<string, unknown>>,
    call: Call,
  ): Promise<EntityRecord | undefined> {
    if (!model.byWellKnownName) return undefined;
    try {
      const document = entityByWellKnownName(model, wellKnownName);
      const record = this.#record(
        model,
        await this.options.client.one('runtime', document, { id: 'OCTO-08', ...call }),
        'OCTO-08',
      );
      if (holds(record, attributes)) return record;
      throw new ConflictError(`${model.name}: another record has this wellKnownName`, { platformCode: CODES.invalid });
    } catch (error) {
      if (isPlatformError(error) && error.platformCode === CODES.notFound) return undefined;
      throw error;
    }
  }

  async #unchanged(model: EntityModel, id: string, ifMatch: string, call: Call): Promise<void> {
    const { etag } = await this.options.read(model, id, call);
    if (etag !== ifMatch) throw new ConflictError(`${model.name}: the record has changed since it was read`);
  }

  #record(model: EntityModel, answer: unknown, operation: string): EntityRecord {
    const [entity] = this.options.kit.items(runtimeEntity, [answer], 'entity');
    if (entity) return entityRecord(entity, model);
    throw new MalformedResponseError(`${operation}: the record that OctoMesh answers does not fit`);
  }

  #nameFor(model: EntityModel, attributes: Attributes): string {
    const { connectionId } = this.options.kit;
    return `tributary-${digest({ connectionId, type: model.flat, attributes: { ...attributes } })}`;
  }
}

/** Quirk: a name that is taken is refused like any other wrong input (API Integration, "Common Error Codes"). */
const isTaken = (error: PlatformError): boolean =>
  error instanceof InvalidRequestError && error.platformCode === CODES.invalid;

const mayHaveTakenEffect = ({ platformCode, platformStatus = 0 }: PlatformError): boolean =>
  platformCode === ANSWER_LOST || platformStatus >= 500;

/** Is everything that was to be written in the record? */
const holds = ({ attributes }: EntityRecord, wanted: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(wanted).every(([name, value]) => name === WELL_KNOWN_NAME || contains(attributes[name], value));

/** Structures come back with further members, and times in another form. */
function contains(found: unknown, wanted: unknown): boolean {
  if (wanted === null || wanted === undefined) return found === null || found === undefined;
  if (Array.isArray(wanted)) {
    return Array.isArray(found) && found.length === wanted.length && wanted.every((one, i) => contains(found[i], one));
  }
  if (isObject(wanted))
    return isObject(found) && Object.entries(wanted).every(([key, one]) => contains(found[key], one));
  return found === wanted || sameInstant(found, wanted);
}

const sameInstant = (a: unknown, b: unknown): boolean =>
  typeof a === 'string' && typeof b === 'string' && /^\d{4}-/.test(a) && Date.parse(a) === Date.parse(b);
