import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Faults } from '../kit/faults.ts';
import { fingerprint } from '../kit/fingerprint.ts';
import { Gate } from '../kit/gate.ts';
import type { Journal } from '../kit/journal.ts';
import type { ScenarioClock } from '../kit/scenario-clock.ts';
import type { IotCredentials } from './iot-credentials.ts';
import type { MqttBroker } from './mqtt-broker.ts';
import { handshakeStatus } from './mqtt-faults.ts';
import { type Verdict, verifyPresignedUrl } from './presigned-url.ts';
import { MOST_PAYLOAD_BYTES } from './topics.ts';

const PATH = '/mqtt';
/** Quirk: clients of this cloud say `mqttv3.1` and speak MQTT 3.1.1. */
const SUB_PROTOCOLS = new Set(['mqttv3.1', 'mqtt']);

export interface EndpointParts {
  host: string;
  port: number;
  tls: { cert: string; key: string };
  signatureSkewMs: number;
  credentials: IotCredentials;
  broker: MqttBroker;
  clock: ScenarioClock;
  faults: Faults;
  journal: Journal;
}

/** The TLS WebSocket in front of the broker: nobody gets in without a URL that is signed by a key in force. */
export class IotEndpoint {
  readonly #parts: EndpointParts;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly gate: Gate;

  static async start(parts: EndpointParts): Promise<IotEndpoint> {
    const http = createServer((_request, response) => response.writeHead(404).end());
    const { host, port, tls } = parts;
    const gate = await Gate.open({ host, port, tls, accept: (socket) => http.emit('connection', socket) });
    return new IotEndpoint(parts, http, gate);
  }

  private constructor(parts: EndpointParts, http: Server, gate: Gate) {
    this.#parts = parts;
    this.#http = http;
    this.gate = gate;
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: 4 * MOST_PAYLOAD_BYTES,
      handleProtocols: (offered) => [...offered].find((one) => SUB_PROTOCOLS.has(one)) ?? false,
    });
    http.on('upgrade', (request, socket, head) => {
      this.#upgrade(request, socket, head).catch(() => socket.destroy());
    });
  }

  async stop(): Promise<void> {
    await this.gate.close();
    this.#http.closeAllConnections();
    this.#sockets.close();
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const began = performance.now();
    socket.on('error', () => socket.destroy());
    const verdict = this.#verify(request);
    const credential = verdict.accessKeyId && fingerprint(verdict.accessKeyId);
    const { clock, faults: all, journal } = this.#parts;
    const subject = { protocol: 'mqtt', operation: 'OCHNO-08', method: 'UPGRADE', path: PATH } as const;
    const faults = all.hit({ ...subject, credential });
    const status = (await handshakeStatus(faults)) ?? this.#statusOf(request, verdict);
    journal.add({
      ...subject,
      at: clock.now(),
      status,
      durationMs: performance.now() - began,
      ...(credential ? { credential } : {}),
      ...(faults.length > 0 ? { faults: faults.map((fault) => fault.kind) } : {}),
      ...(verdict.ok ? {} : { detail: verdict.reason }),
    });
    const known = verdict.accessKeyId && this.#parts.credentials.get(verdict.accessKeyId);
    if (status === -1) socket.destroy();
    else if (status !== 101 || !known) refuse(socket, status);
    else this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#parts.broker.accept(opened, known));
  }

  #verify(request: IncomingMessage): Verdict {
    const [path = '', rawQuery = ''] = splitOnce(request.url ?? '', '?');
    return verifyPresignedUrl(
      { path, rawQuery, host: request.headers.host ?? '' },
      {
        now: this.#parts.clock.now(),
        skewMs: this.#parts.signatureSkewMs,
        keyOf: (accessKeyId) => this.#parts.credentials.get(accessKeyId),
      },
    );
  }

  #statusOf({ url = '', headers }: IncomingMessage, verdict: Verdict): number {
    if (splitOnce(url, '?')[0] !== PATH) return 404;
    if (!verdict.ok) return 403;
    const offered = headers['sec-websocket-protocol']?.split(',').map((one) => one.trim()) ?? [];
    return offered.some((one) => SUB_PROTOCOLS.has(one)) ? 101 : 400;
  }
}

function refuse(socket: Duplex, status: number): void {
  const body = JSON.stringify({ message: STATUS_CODES[status] ?? 'refused' });
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}

function splitOnce(text: string, by: string): [string, string] {
  const at = text.indexOf(by);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
