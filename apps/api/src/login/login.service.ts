import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { MalformedResponseError } from '@tributary/contracts';
import { type PendingLogin, PendingLogins, VaultError } from '@tributary/database';
import { writeAudit } from '../audit-log/audit-trail.ts';
import type { CallerIdentity } from '../auth/caller.ts';
import { type ConnectionRow, targetOf } from '../connections/connection-rows.ts';
import { ConnectionStore } from '../connections/connection-store.ts';
import type { Asking } from '../connections/connections.service.ts';
import { PlatformGateway } from '../gateway/platform-gateway.ts';
import { HOUSE, type House } from '../house.ts';
import { atPlatform } from '../http/problem-document.ts';
import { badRequest, notFound, ProblemError } from '../http/problem-error.ts';
import { checkAgainst } from '../platforms/json-schema-check.ts';
import { PlatformCatalogue } from '../platforms/platform-catalogue.ts';

/** What the platform sent the browser back with. */
export interface ProviderAnswer {
  state: string;
  code?: string | undefined;
  error?: string | undefined;
}

const LIFE_MS = 600_000;
const SECRET_BYTES = 32;
const DEFAULT_PUBLIC_URL = 'http://127.0.0.1:8080';

/**
 * A user's own log-in, by the authorization code flow: begun with a key, ended by a browser that has none. The adapter
 * speaks with the platform; state and nonce are made here, and what is secret crosses the broker sealed.
 */
@Injectable()
export class LoginService {
  readonly #begun: PendingLogins;
  readonly #returning: PendingLogins;

  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(ConnectionStore) private readonly connections: ConnectionStore,
    @Inject(PlatformCatalogue) private readonly catalogue: PlatformCatalogue,
    @Inject(PlatformGateway) private readonly gateway: PlatformGateway,
  ) {
    this.#begun = new PendingLogins(house.db);
    // A browser comes back without a key: whose log-in it ends, only its state says.
    this.#returning = new PendingLogins(house.unfenced);
  }

  async begin(
    caller: CallerIdentity,
    connectionId: string,
    asking: Asking,
  ): Promise<{ url: string; expiresAt: string }> {
    const target = targetOf(await this.connections.get(caller.workspace, connectionId));
    await this.catalogue.demand(target, 'login');
    const [state, nonce] = [newSecret(), newSecret()];
    const payload = { connectionId, redirectUri: this.#redirectUri(connectionId), state, nonce };
    const { url, sealed: carry } = await this.gateway.ask(target, 'login.begin', payload, asking);
    if (!/^https?:\/\//i.test(url))
      throw atPlatform(new MalformedResponseError('the log-in has no web address'), target);
    const { workspace, actor } = caller;
    const expiresAt = await this.#begun.begin(state, { workspace, actor, connectionId, nonce, carry }, LIFE_MS);
    const entry = { action: 'connection.login-begun', target: connectionId, traceId: asking.traceId };
    await writeAudit(this.house.audit, caller, entry);
    return { url, expiresAt: expiresAt.toISOString() };
  }

  /**
   * Puts the new credentials in the place of those that the connection has, whatever the browser does meanwhile: a code is
   * good once. Throws 400 for a state that is not waiting, 422 where the platform did not grant it.
   */
  async finish(connectionId: string, answer: ProviderAnswer, traceId: string): Promise<void> {
    const login = await this.#returning.take(answer.state, connectionId);
    if (!login) throw notWaiting();
    this.house.fence.enter(login.workspace);
    if (answer.code === undefined) throw notGranted(answer.error);
    const row = await this.connections.get(login.workspace, connectionId);
    const { credentials, account } = await this.#exchange(row, login, answer.code, traceId);
    const details = account === undefined ? {} : { account };
    const audit = { action: 'connection.logged-in', details, traceId };
    if (!(await this.connections.change(login, row, { credentials }, { audit }))) throw notFound('connection');
  }

  async #exchange(row: ConnectionRow, login: PendingLogin, code: string, traceId: string) {
    const owner = { workspace: login.workspace, connectionId: row.id };
    const { sealedCredentials: sealed, account } = await this.gateway.ask(
      targetOf(row),
      'login.finish',
      {
        connectionId: row.id,
        redirectUri: this.#redirectUri(row.id),
        nonce: login.nonce,
        sealed: login.carry,
        sealedCode: this.house.vault.seal({ code }, owner),
      },
      { traceId },
    );
    const plain = this.#opened(row, sealed, owner);
    const platform = await this.catalogue.get(row.platform);
    const faults = platform ? await checkAgainst(platform.credentialsSchema, plain, '') : [];
    if (faults.length > 0) {
      const which = faults.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ');
      throw atPlatform(
        new MalformedResponseError(`the log-in gave credentials that do not fit: ${which}`),
        targetOf(row),
      );
    }
    return { credentials: { sealed, fingerprint: this.house.vault.fingerprint(plain, owner) }, account };
  }

  #opened(row: ConnectionRow, sealed: string, owner: { workspace: string; connectionId: string }) {
    try {
      return this.house.vault.open(sealed, owner);
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      const detail = 'the log-in gave credentials that cannot be opened';
      throw atPlatform(new MalformedResponseError(detail, { cause: error }), targetOf(row));
    }
  }

  /** The same at the beginning and at the end, as the protocol demands. */
  #redirectUri(connectionId: string): string {
    const base = (this.house.settings.publicUrl ?? DEFAULT_PUBLIC_URL).replace(/\/+$/, '');
    return `${base}/v1/connections/${connectionId}/oauth/callback`;
  }
}

const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

const notWaiting = () =>
  badRequest([{ pointer: '/query/state', detail: 'is that of no log-in that waits: it was used, or has run out' }]);

/** What a provider may say is named where it is a plain word; nothing else of its answer is repeated. */
function notGranted(error: string | undefined): ProblemError {
  const word = error !== undefined && /^[a-z_]{1,60}$/.test(error) ? ` (${error})` : '';
  return new ProblemError('unprocessable', `The platform did not grant the log-in${word}.`);
}
