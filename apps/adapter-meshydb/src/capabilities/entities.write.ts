import { randomUUID } from 'node:crypto';
import {
  ANSWER_LOST,
  type Call,
  CIRCUIT_OPEN,
  digest,
  type NativeId,
  NOT_SENT,
  OneAtATime,
} from '@tributary/adapter-kit';
import {
  ConflictError,
  type EntityRecord,
  InvalidRequestError,
  isPlatformError,
  type Json,
  NotFoundError,
  type PlatformError,
} from '@tributary/contracts';
import type { MeshydbClient } from '../client.ts';
import type { Expression } from '../filter/expression.ts';
import { byId } from '../filter/order.ts';
import { attributesOf, entityRecord, patched, stored, valueAt } from '../mapping.ts';
import { storedName } from '../names.ts';
import { isObjectId } from '../object-id.ts';
import type { MeshReader } from '../reader.ts';
import type { MeshDocument } from '../wire.ts';
import type { MeshType } from './entities.types.ts';

type Attributes = Readonly<Record<string, Json>>;

export interface WriterOptions {
  client: MeshydbClient;
  reader: MeshReader;
  hubIdField: string;
}

/** Creates, changes and removes documents over a platform that knows no versions. */
export class DocumentWriter {
  readonly #turns = new OneAtATime();

  constructor(private readonly options: WriterOptions) {}

  /** Every document gets a name of ours: after a lost answer it tells whether the document was made. */
  async create(type: MeshType, attributes: Attributes, call: Call): Promise<EntityRecord> {
    assertWritable(attributes);
    const { client, hubIdField } = this.options;
    const given = valueAt(attributes, hubIdField);
    const hubId = typeof given === 'string' && given !== '' ? given : randomUUID();
    const body = stored({ ...attributes, ...nested(hubIdField, hubId, attributes) }) as object;
    try {
      return entityRecord(await client.create(type.mesh, body, call), type);
    } catch (error) {
      if (!mayHaveTakenEffect(error)) throw error;
      const made = await this.#made(type, hubId, body, call);
      if (made) return entityRecord(made, type);
      if (error.platformCode !== ANSWER_LOST) throw error;
      return entityRecord(await client.create(type.mesh, body, call), type);
    }
  }

  /**
   * Throws `ConflictError` when the document is no longer the one that `ifMatch` names, or when somebody else wrote it
   * at the same time.
   */
  async update(
    type: MeshType,
    { id, patch, ifMatch }: { id: NativeId; patch: Attributes; ifMatch: string },
    call: Call,
  ): Promise<EntityRecord> {
    assertWritable(patch);
    return this.#turns.run(`${type.mesh}/${id}`, async () => {
      const { _id, ...members } = await this.#unchanged(type, id, ifMatch, call);
      const wanted = patched(members, patch);
      if (etagOf(wanted) === ifMatch) return entityRecord({ ...members, _id }, type);
      const now = await this.#replace(type, id, wanted, call);
      if (etagOf(now) === etagOf(wanted)) return entityRecord(now, type);
      return entityRecord(await this.#emptied(type, id, { wanted, members, now }, call), type);
    });
  }

  /** One that is gone already is removed. */
  async remove(type: MeshType, { id, ifMatch }: { id: NativeId; ifMatch: string }, call: Call): Promise<void> {
    await this.#turns.run(`${type.mesh}/${id}`, async () => {
      await this.#unchanged(type, id, ifMatch, call);
      try {
        await this.options.client.remove(type.mesh, id, call);
      } catch (error) {
        if (!isPlatformError(error) || error.code !== 'not-found') throw error;
      }
    });
  }

  /** Throws `NotFoundError`. */
  async read({ mesh }: MeshType, id: NativeId, call: Call): Promise<MeshDocument> {
    const found = isObjectId(id) ? await this.options.reader.one(mesh, id, call) : undefined;
    if (found) return found;
    throw new NotFoundError(`MeshyDB has no such document in the mesh ${mesh}`);
  }

  async #unchanged(type: MeshType, id: NativeId, ifMatch: string, call: Call): Promise<MeshDocument> {
    const document = await this.read(type, id, call);
    if (etagOf(document) === ifMatch) return document;
    throw new ConflictError(`${type.type}: the document has changed since it was read`);
  }

  /** Writes the whole document and reads it back: what the platform answers is not what it keeps, if two write at once. */
  async #replace(type: MeshType, id: NativeId, body: Attributes | object, call: Call): Promise<MeshDocument> {
    try {
      await this.options.client.replace(type.mesh, id, body, call);
    } catch (error) {
      // Whether it took effect is what reading it back tells.
      if (!isPlatformError(error) || (error.platformCode !== ANSWER_LOST && error.code !== 'not-found')) throw error;
      const now = await this.options.reader.one(type.mesh, id, call);
      if (now && etagOf(now) === etagOf(body)) return now;
      if (error.platformCode === ANSWER_LOST) throw error;
    }
    const now = await this.options.reader.one(type.mesh, id, call);
    if (now) return now;
    throw new ConflictError(`${type.type}: the document was removed while it was written`);
  }

  /**
   * Quirk: where members that are not sent stay, one cannot be removed, only emptied (REST, "Update data", the example).
   * Anything else that differs was written by somebody else.
   */
  async #emptied(
    type: MeshType,
    id: NativeId,
    { wanted, members, now }: { wanted: Record<string, unknown>; members: Record<string, unknown>; now: MeshDocument },
    call: Call,
  ): Promise<MeshDocument> {
    const left = Object.keys(members).filter((name) => !Object.hasOwn(wanted, name));
    const kept = Object.fromEntries(left.map((name) => [name, members[name]]));
    if (left.length === 0 || etagOf(now) !== etagOf({ ...wanted, ...kept })) throw this.#overwritten(type);
    const body = { ...wanted, ...Object.fromEntries(left.map((name) => [name, null])) };
    const emptied = await this.#replace(type, id, body, call);
    if (etagOf(emptied) !== etagOf(body)) throw this.#overwritten(type);
    return emptied;
  }

  readonly #overwritten = ({ type }: MeshType) =>
    new ConflictError(`${type}: somebody else wrote the document at the same time`);

  /** What an order whose answer was lost has made, if it has. */
  async #made({ mesh }: MeshType, hubId: string, body: object, call: Call): Promise<MeshDocument | undefined> {
    const path = this.options.hubIdField.split('.').map(storedName).join('.');
    const where: Expression = { kind: 'field', path, test: { operator: '$eq', value: hubId } };
    const { items } = await this.options.reader.find(mesh, { where, orderBy: byId, pageSize: 10 }, call);
    return items.find((document) => etagOf(document) === etagOf(body));
  }
}

/** An order whose answer was lost, or cannot be read, may have been carried out; one that was refused was not. */
const mayHaveTakenEffect = (error: unknown): error is PlatformError =>
  isPlatformError(error) &&
  ['timeout', 'unavailable', 'malformed-response'].includes(error.code) &&
  error.platformCode !== NOT_SENT &&
  error.platformCode !== CIRCUIT_OPEN;

const etagOf = (document: object): string => digest(attributesOf({ _id: '', ...document }));

/** A patch that puts the name of ours where the settings want it. */
function nested(field: string, hubId: string, attributes: Attributes): Record<string, Json> {
  const [name = '', ...rest] = field.split('.');
  if (rest.length === 0) return { [name]: hubId };
  const before = attributes[name];
  const inner = typeof before === 'object' && before !== null && !Array.isArray(before) ? before : {};
  return { [name]: { ...inner, ...nested(rest.join('.'), hubId, inner) } };
}

function assertWritable(attributes: Attributes): void {
  if (Object.hasOwn(attributes, '_id')) throw new InvalidRequestError('_id is given by MeshyDB and cannot be written');
  if (Object.hasOwn(attributes, '')) throw new InvalidRequestError('a member of a document needs a name');
}
