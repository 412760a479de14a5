import { createHash, createHmac } from 'node:crypto';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { OCHNO_USERS, type OchnoOptions, type OchnoSimulator, startOchno } from '../src/index.ts';
import { type Answer, call, dig, postJson } from './opticloud-caller.ts';

export const START = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Small, silent, standing still at a known time, on ports the system chooses. */
export const startQuiet = (options: Partial<OchnoOptions> = {}): Promise<OchnoSimulator> =>
  startOchno({
    port: 0,
    mqttPort: 0,
    controlPort: 0,
    devices: 24,
    otherDevices: 4,
    historyMs: 0,
    retentionMs: 0,
    producing: false,
    clock: { startAt: START, speed: 0 },
    ...options,
  });

export interface IotAccess {
  accessKeyId: string;
  secretKey: string;
  sessionToken: string;
  expiration: string;
  region: string;
  host: string;
}

/** A user's script, as the vendor's document shows it. */
export class OchnoCaller {
  readonly url: string;
  readonly token: string;

  constructor(url: string, token: string) {
    this.url = url;
    this.token = token;
  }

  static async logIn(
    sim: OchnoSimulator,
    user: { email: string; password: string } = OCHNO_USERS.demo,
  ): Promise<OchnoCaller> {
    const answer = await postJson(`${sim.url}/auth/jwt`, user);
    return new OchnoCaller(sim.url, String(dig(answer.json, 'token')));
  }

  get headers(): Record<string, string> {
    return { Authorization: `JWT ${this.token}`, Accept: 'application/json' };
  }

  get(path: string): Promise<Answer> {
    return call(`${this.url}${path}`, { headers: this.headers });
  }

  post(path: string, body: unknown): Promise<Answer> {
    return postJson(`${this.url}${path}`, body, this.headers);
  }

  put(path: string, body: unknown): Promise<Answer> {
    return call(`${this.url}${path}`, {
      method: 'PUT',
      headers: { ...this.headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  delete(path: string): Promise<Answer> {
    return call(`${this.url}${path}`, { method: 'DELETE', headers: this.headers });
  }

  async iotAccess(companyId: string): Promise<IotAccess> {
    return (await this.get(`/api/companies/${companyId}/iotAccess`)).json as IotAccess;
  }
}

/** Each member can be made wrong. */
export interface SigningChoices {
  now?: number;
  host?: string;
  region?: string;
  service?: string;
  sessionToken?: string | undefined;
  /** Signs the security token too, as every other service of that cloud wants it. */
  tokenInside?: boolean;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Signed by the rules of the cloud, written without a look at the simulator's own code. */
export function presign(access: IotAccess, choices: SigningChoices = {}): string {
  const { now = START, host = access.host, region = access.region, service = 'iotdevicegateway' } = choices;
  const time = `${new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  const scope = [time.slice(0, 8), region, service, 'aws4_request'];
  const token = 'sessionToken' in choices ? choices.sessionToken : access.sessionToken;
  const parameter = token === undefined ? '' : `&X-Amz-Security-Token=${encodeURIComponent(token)}`;
  const query = [
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    `X-Amz-Credential=${encodeURIComponent([access.accessKeyId, ...scope].join('/'))}`,
    `X-Amz-Date=${time}${choices.tokenInside ? parameter : ''}`,
    'X-Amz-SignedHeaders=host',
  ].join('&');
  const request = `GET\n/mqtt\n${query}\nhost:${host.toLowerCase()}\n\nhost\n${sha256('')}`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope.join('/')}\n${sha256(request)}`;
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${access.secretKey}`);
  const signature = `&X-Amz-Signature=${hmac(key, text).toString('hex')}`;
  return `wss://${access.host}/mqtt?${query}${signature}${choices.tokenInside ? '' : parameter}`;
}

/** An MQTT client that trusts the simulator's authority and never comes back by itself. */
export const openStream = (sim: OchnoSimulator, url: string, options: IClientOptions = {}): MqttClient =>
  connect(url, {
    reconnectPeriod: 0,
    protocolVersion: 4,
    keepalive: 0,
    wsOptions: { ca: sim.ca, ...(options.wsOptions as object) },
    ...options,
  });
