import { Inject, Injectable } from '@nestjs/common';
import { type EntityType, UnsupportedError } from '@tributary/contracts';
import { type ConnectionRow, targetOf } from '../connections/connection-rows.ts';
import type { Asking } from '../connections/connections.service.ts';
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

  /** Asks the platform. */
  async read(connection: ConnectionRow, asking: Asking): Promise<EntityType[]> {
    const { types } = await this.#gateway.ask(
      targetOf(connection),
      'entities.types',
      { connectionId: connection.id },
      asking,
    );
    if (this.#known.size >= MAX_CONNECTIONS) this.#known.clear();
    const readMs = this.#house.clock.monotonicMs();
    this.#known.set(connection.id, { types, version: connection.version, readMs });
    return types;
  }

  /** One type; throws 404 where the platform has no such one, `capability-unsupported` where its records do not allow that. */
  async get(connection: ConnectionRow, name: string, asking: Asking, use: EntityUse): Promise<EntityType> {
    const known = this.#known.get(connection.id);
    const fresh =
      known?.version === connection.version && this.#house.clock.monotonicMs() - known.readMs < FRESH_MS
        ? known.types.find((type) => type.name === name)
        : undefined;
    const type = fresh ?? (await this.read(connection, asking)).find((candidate) => candidate.name === name);
    if (!type) throw notFound('entity type; see /entity-types of the connection');
    const objection = use === 'read' ? undefined : objectionTo(type, use);
    if (objection !== undefined) throw atPlatform(new UnsupportedError(objection), targetOf(connection));
    return type;
  }
}

/** Why that cannot be done with records of the type; undefined where it can. */
export function objectionTo({ name, readOnly, operations }: EntityType, use: Exclude<EntityUse, 'read'>) {
  if (readOnly) return `entities of the type "${name}" can only be read`;
  if (!operations || operations.includes(use)) return undefined;
  const others = operations.map((operation) => DONE[operation]).join(', ');
  return `entities of the type "${name}" cannot be ${DONE[use]} on this platform${others ? `; they can be ${others}` : ''}`;
}
