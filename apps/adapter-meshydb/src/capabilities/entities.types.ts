import type { Call, Limitations } from '@tributary/adapter-kit';
import { type EntityType, isPlatformError, NotFoundError } from '@tributary/contracts';
import type { MeshydbClient } from '../client.ts';
import type { Settings } from '../config.ts';
import type { EntityNaming } from '../mapping.ts';

export interface MeshType extends EntityNaming {
  mesh: string;
}

const OBSERVED = 'meshes';
const PREFIX = 'meshes.';
const PAGE_SIZE = 200;

/** Which meshes are entities, and what they are called: those of the settings, or else those that the account shows. */
export class MeshTypes {
  readonly #configured: ReadonlyMap<string, MeshType>;

  constructor(
    private readonly client: MeshydbClient,
    private readonly settings: Pick<Settings, 'meshes' | 'hubIdField'>,
    private readonly limitations: Limitations,
  ) {
    const types = settings.meshes.map(({ name, type, nameField }) => ({ mesh: name, type: type ?? name, nameField }));
    this.#configured = new Map(types.map((type) => [type.type, type]));
  }

  async list(call: Call): Promise<EntityType[]> {
    return [...(await this.#types(call)).values()].map(({ type, mesh }) => this.#entityType(type, mesh));
  }

  /** Throws `NotFoundError` for what is no type of this connection. */
  async get(type: string, call: Call): Promise<MeshType> {
    const found = this.#configured.get(type) ?? (await this.#types(call)).get(type);
    if (found) return found;
    throw new NotFoundError(`MeshyDB: this connection has no mesh for ${JSON.stringify(type.slice(0, 80))}`);
  }

  async #types(call: Call): Promise<ReadonlyMap<string, MeshType>> {
    return this.#configured.size > 0 ? this.#configured : this.#observed(call);
  }

  /** The later pages list what rights can be given for; an account that does not answer them shows nothing. */
  async #observed(call: Call): Promise<ReadonlyMap<string, MeshType>> {
    const types = new Map<string, MeshType>();
    try {
      for (let page = 1; ; page++) {
        const { items, rows } = await this.client.permissibles({ page, pageSize: PAGE_SIZE }, call);
        for (const { name } of items) {
          const mesh = name.startsWith(PREFIX) ? name.slice(PREFIX.length).toLowerCase() : '';
          if (/^[a-z]+$/.test(mesh)) types.set(mesh, { mesh, type: mesh });
        }
        if (rows < PAGE_SIZE) break;
      }
      this.limitations.lift(OBSERVED);
    } catch (error) {
      const silent =
        isPlatformError(error) && ['not-found', 'permission-denied', 'invalid-request'].includes(error.code);
      if (!silent) throw error;
      this.limitations.note(
        OBSERVED,
        'no meshes: the settings name none, and the account does not show which there are',
      );
    }
    return types;
  }

  #entityType(type: string, mesh: string): EntityType {
    return {
      name: type,
      description: `Documents of the mesh ${mesh}.`,
      readOnly: false,
      operations: ['create', 'update', 'remove'],
      schema: {
        type: 'object',
        additionalProperties: true,
        properties: {
          [this.settings.hubIdField]: { type: 'string', description: 'Given by us to documents that we make.' },
        },
      },
    };
  }
}
