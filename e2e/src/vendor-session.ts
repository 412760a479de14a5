import type { Simulator } from '@tributary/simulators';

interface Authority {
  authorityId: { id: string };
  tenant?: { name: string };
}

/** The simulated platform's own REST API, as one of its users would call it beside us. */
export class VendorSession {
  private constructor(
    readonly url: string,
    private readonly token: string,
  ) {}

  /** OPTI-01, then OPTI-02. */
  static async logIn({ url, demoConnection }: Simulator): Promise<VendorSession> {
    const { username, password } = demoConnection.credentials;
    const post = async <T>(path: string, body: unknown): Promise<T> =>
      (
        await fetch(url + path, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        })
      ).json() as Promise<T>;
    const entries = await post<Authority[]>('/api/noauth/authorization', { username, password });
    const authorityId = entries.find((entry) => entry.tenant?.name === demoConnection.settings.tenant)?.authorityId.id;
    const { token } = await post<{ token: string }>('/api/auth/login', { username, password, authorityId });
    return new VendorSession(url, token);
  }

  /** OPTI-06: what a device shows as its MQTT user name. */
  async deviceToken(nativeId: string): Promise<string> {
    const answer = await this.#ask('GET', `/api/device/${nativeId}/credentials`);
    return ((await answer.json()) as { credentialsId: string }).credentialsId;
  }

  /** OPTI-09, then OPTI-10. */
  async download(nativeId: string, names: string[]): Promise<Buffer> {
    const base = `/api/device/${nativeId}/data-files/CLIENT_SCOPE`;
    const ticket = await (await this.#ask('POST', `${base}/download`, names)).text();
    return Buffer.from(await (await this.#ask('GET', `${base}/token/${encodeURIComponent(ticket)}`)).arrayBuffer());
  }

  #ask(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(this.url + path, {
      method,
      headers: { 'X-Authorization': `Bearer ${this.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}
