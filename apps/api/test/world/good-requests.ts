import type { PlatformError } from '@tributary/contracts';
import type { LightMyRequestResponse } from 'fastify';
import type { EndpointSpec } from '../../src/http/endpoint-spec.ts';
import { fakeEntities } from './fake-entities.ts';
import { fakeUsers } from './fake-users.ts';
import { filledPath, type KnownValues, knownValues } from './known-values.ts';
import { makeWorld, seed, type World, type WorldOptions } from './world.ts';

/** What a request has instead of what a good one has. */
export interface Deviation {
  query?: Record<string, string>;
  /** `undefined` takes a header away. */
  headers?: Record<string, string | undefined>;
  payload?: string;
  method?: string;
}

/** Values of parameters that a route insists on. */
const NEEDED: Record<string, string> = { username: 'reader', state: 'a-state', code: 'a-code', name: 'a.osf' };

/** A seeded world, and a request to each of its routes that is as good as the documents say. */
export class GoodRequests {
  readonly world: World;
  readonly #token: string;
  #known: KnownValues = {};
  #keys = 0;

  private constructor(world: World, token: string) {
    this.world = world;
    this.#token = token;
  }

  /** The workspace has two of everything. */
  static async make(options: WorldOptions = {}): Promise<GoodRequests> {
    const world = await makeWorld(options);
    const requests = new GoodRequests(world, await world.key('default'));
    await requests.renew();
    await requests.renew();
    return requests;
  }

  /** From now on requests are about things that nobody has touched yet. */
  async renew(): Promise<void> {
    Object.assign(this.world.platform.handlers, fakeEntities(), fakeUsers());
    this.#known = await knownValues(this.world, 'default', await seed(this.world, 'default'));
  }

  /** What exists, by the names under which routes ask for it. */
  get known(): Readonly<KnownValues> {
    return this.#known;
  }

  get authorization(): { authorization: string } {
    return { authorization: `Bearer ${this.#token}` };
  }

  /** What the platform answers everything with, while it is asked what `ask` asks. Gives whether it was asked at all. */
  async whileFailing<T>(failure: PlatformError, ask: () => Promise<T>): Promise<{ answer: T; asked: boolean }> {
    const { handlers, asked } = this.world.platform;
    const usual = { ...handlers };
    const failing = async () => {
      throw failure;
    };
    for (const name of Object.keys(handlers)) Object.assign(handlers, { [name]: failing });
    const before = asked.length;
    const answer = await ask();
    Object.assign(handlers, usual);
    return { answer, asked: asked.length > before };
  }

  /** A key that nobody has used. */
  key(): string {
    this.#keys += 1;
    return `key-${this.#keys}`;
  }

  url(spec: EndpointSpec, query: Record<string, string> = {}): string {
    const needed = Object.entries(spec.query?.shape ?? {}).filter(([, member]) => !member.safeParse(undefined).success);
    const all = new URLSearchParams({
      ...Object.fromEntries(needed.map(([name]) => [name, NEEDED[name] ?? 'x'])),
      ...(spec.bodyStream ? { name: 'a.osf' } : {}),
      ...query,
    });
    return `${filledPath(spec.path, this.#known)}${all.size > 0 ? `?${all}` : ''}`;
  }

  /** An example speaks of connections and devices of nobody: what is sent is about those of this world. */
  #aboutKnown(example: string): string {
    const { connectionId, deviceId } = this.#known;
    return example.replace(/"con_[a-z2-7]{26}"/g, `"${connectionId}"`).replace(/"dev_[a-z2-7]{26}"/g, `"${deviceId}"`);
  }

  ask(spec: EndpointSpec, { query, headers, payload, method }: Deviation = {}): Promise<LightMyRequestResponse> {
    const body =
      payload ?? (spec.bodyExample === undefined ? undefined : this.#aboutKnown(JSON.stringify(spec.bodyExample)));
    const sent: Record<string, string | undefined> = {
      ...this.authorization,
      ...(spec.ifMatch ? { 'if-match': '*' } : {}),
      ...(spec.idempotency === 'required' ? { 'idempotency-key': this.key() } : {}),
      ...(spec.body ? { 'content-type': spec.bodyTypes?.[0] ?? 'application/json' } : {}),
      ...(spec.bodyStream ? { 'content-type': 'application/octet-stream' } : {}),
      ...headers,
    };
    return this.world.fastify.inject({
      method: (method ?? spec.method) as 'GET',
      url: this.url(spec, query),
      headers: Object.fromEntries(
        Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== undefined),
      ),
      ...(body === undefined && !spec.bodyStream ? {} : { payload: body ?? 'bytes' }),
    });
  }
}
