import { Inject, Injectable } from '@nestjs/common';
import { type EntityType, UnsupportedError } from '@tributary/contracts';
import type { ConnectionRow } from '../connections/connection-rows.ts';
import type { Asking } from '../connections/connections.service.ts';
import { PlatformGateway } from '../gateway/platform-gateway.ts';
import { HOUSE, type House } from '../house.ts';
import { atPlatform } from '../http/problem-document.ts';
import { notFound } from '../http/problem-error.ts';

/** Types change rarely, and a platform may take long to tell them. */
const FRESH_MS = 60_000;
const MAX_CONNECTIONS = 1_000;

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
    const target = { platform: connection.platform, connectionId: connection.id };
    const { types } = await this.#gateway.ask(target, 'entities.types', { connectionId: connection.id }, asking);
    if (this.#known.size >= MAX_CONNECTIONS) this.#known.clear();
    const readMs = this.#house.clock.monotonicMs();
    this.#known.set(connection.id, { types, version: connection.version, readMs });
    return types;
  }

  /** One type; throws 404 where the platform has no such one, `capability-unsupported` for a change of a read-only one. */
  async get(connection: ConnectionRow, name: string, asking: Asking, use: 'read' | 'change'): Promise<EntityType> {
    const known = this.#known.get(connection.id);
    const fresh =
      known?.version === connection.version && this.#house.clock.monotonicMs() - known.readMs < FRESH_MS
        ? known.types.find((type) => type.name === name)
        : undefined;
    const type = fresh ?? (await this.read(connection, asking)).find((candidate) => candidate.name === name);
    if (!type) throw notFound('entity type; see /entity-types of the connection');
    if (use === 'change' && type.readOnly) {
      const target = { platform: connection.platform, connectionId: connection.id };
      throw atPlatform(new UnsupportedError(`entities of the type "${type.name}" can only be read`), target);
    }
    return type;
  }
}
