import type { ScenarioClock } from '../kit/scenario-clock.ts';
import { CLIENTS, type OauthClient, TENANTS, USERS, type User } from './accounts.ts';
import { Grants } from './grants.ts';
import type { OctomeshOptions } from './options.ts';
import { Tokens } from './tokens.ts';

/** What the identity service knows: clients, people, tokens, and where clients may be sent back to. */
export class Identity {
  readonly grants: Grants;
  readonly redirectUris: string[];
  readonly #clients = new Map<string, OauthClient>();
  readonly #users = new Map<string, User>();

  private constructor(
    readonly tokens: Tokens,
    readonly clock: ScenarioClock,
    options: OctomeshOptions,
  ) {
    this.grants = new Grants(clock, { codeMs: options.codeLifeMs, refreshMs: options.refreshTokenLifeMs });
    this.redirectUris = [...options.redirectUris];
    for (const client of Object.values<OauthClient>(CLIENTS)) this.#clients.set(client.id, client);
    for (const user of Object.values<User>(USERS)) this.#users.set(user.username, user);
  }

  static async create(clock: ScenarioClock, options: OctomeshOptions): Promise<Identity> {
    const tokens = await Tokens.create(clock, { accessMs: options.tokenLifeMs, idMs: options.idTokenLifeMs });
    return new Identity(tokens, clock, options);
  }

  get tenants(): string[] {
    return Object.values(TENANTS);
  }

  /** Undefined also for one that was revoked. */
  client(id: string): OauthClient | undefined {
    return this.tokens.isRevoked(id) ? undefined : this.#clients.get(id);
  }

  clients(): OauthClient[] {
    return [...this.#clients.values()];
  }

  userById(id: string): User | undefined {
    return [...this.#users.values()].find((user) => user.id === id);
  }

  /** A person is known to her own tenant only. */
  checkPassword(tenant: string, username: string, password: string): User | undefined {
    const user = this.#users.get(username);
    return user && user.password === password && user.tenant === tenant ? user : undefined;
  }

  /** Its tokens are worthless and it gets no new ones, until it is restored. */
  setRevoked(clientId: string, revoked: boolean): void {
    this.tokens.setRevoked(clientId, revoked);
    if (revoked) this.grants.forgetClient(clientId);
  }

  mayReturnTo(uri: string): boolean {
    return this.redirectUris.some((registered) => fitsRegistration(registered, uri));
  }
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

function fitsRegistration(registered: string, asked: string): boolean {
  if (registered === asked) return true;
  const [pattern, uri] = [URL.parse(registered), URL.parse(asked)];
  if (!pattern || !uri || uri.hash || uri.username || pattern.protocol !== uri.protocol) return false;
  if (pattern.hostname !== uri.hostname) return false;
  if (pattern.port !== uri.port && !LOOPBACK.has(uri.hostname)) return false;
  const [start, ...rest] = pattern.pathname.split('*');
  return rest.length === 0 ? uri.pathname === start : uri.pathname.startsWith(start ?? '');
}
