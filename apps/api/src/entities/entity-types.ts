import { Inject, Injectable } from '@nestjs/common';
import { type EntityType, UnsupportedError } from '@tributary/contracts';
import { type ConnectionRow, targetOf } from '../connections/connection-rows.ts';
import type { Asking } from '../connections/connections.service.ts';
import type { Known } from '../gateway/known-answers/known-answer.ts';
import { PlatformGateway } from '../gateway/platform-gateway.ts';
import { HOUSE, type House } from '../house.ts';
import { atPlatform } from '../http/problem-document.ts';
import { notFound } from '../http/problem-error.ts';

/** Types change rarely, and a platform may take long to tell them. */
const FRESH_MS = 60_000;
const MAX_CONNECTIONS = 1_000;

/** What somebody wants to do with records of a type. */
export type EntityUse = 'read' | 'create' | 'update' | 'remove' | 'relate';

const DONE: Record<Exclude<EntityUse, 'read'>, string> = {
  create: 'made',
  update: 'changed',
  remove: 'removed',
  relate: 'related',
};

/** Which types of records each connection has, as its adapter last said. */
@Injectable()
export class EntityTypes {
  readonly #house: House;
  readonly #gateway: PlatformGateway;
  readonly #known = new Map<string, { types: EntityType[]; version: number; readMs: number }>();

  constructor(@Inject(HOUSE) house: House, @Inject(PlatformGateway) gateway: PlatformGateway) {
    this.#house = house;
    this.#gateway = gateway;
  }

  /** Asks the platform; while it is away, what it last said. */
  async read(connection: ConnectionRow, asking: Asking): Promise<Known<EntityType[]>> {
    const payload = { connectionId: connection.id };
    const { reply, ...known } = await this.#gateway.askKnowing(targetOf(connection), 'entities.types', payload, asking);
    if (!known.stale) this.#note(connection, reply.types);
    return { ...known, reply: reply.types };
  }

  /** All types, as they were told within the last minute; undefined where the platform must be asked. */
  known({ id, version }: ConnectionRow): EntityType[] | undefined {
    const known = this.#known.get(id);
    const fresh = known?.version === version && this.#house.clock.monotonicMs() - known.readMs < FRESH_MS;
    return fresh ? known.types : undefined;
  }

  /** One type; throws 404 where the platform has no such one, `capability-unsupported` where its records do not allow that. */
  async get(connection: ConnectionRow, name: string, asking: Asking, use: EntityUse): Promise<EntityType> {
    const fresh = this.known(connection)?.find((type) => type.name === name);
    const type = fresh ?? (await this.read(connection, asking)).reply.find((candidate) => candidate.name === name);
    if (!type) throw notFound('entity type; see /entity-types of the connection');
    const objection = use === 'read' ? undefined : objectionTo(type, use);
    if (objection !== undefined) throw atPlatform(new UnsupportedError(objection), targetOf(connection));
    return type;
  }

  #note({ id, version }: ConnectionRow, types: EntityType[]): void {
    if (this.#known.size >= MAX_CONNECTIONS) this.#known.clear();
    this.#known.set(id, { types, version, readMs: this.#house.clock.monotonicMs() });
  }
}

/** Why that cannot be done with records of the type; undefined where it can. */
export function objectionTo({ name, readOnly, operations }: EntityType, use: Exclude<EntityUse, 'read'>) {
  if (readOnly) return `entities of the type "${name}" can only be read`;
  if (!operations || operations.includes(use)) return undefined;
  const others = operations.map((operation) => DONE[operation]).join(', ');
  return `entities of the type "${name}" cannot be ${DONE[use]} on this platform${others ? `; they can be ${others}` : ''}`;
}
