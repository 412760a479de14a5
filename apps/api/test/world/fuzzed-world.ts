import { type AddressInfo, connect } from 'node:net';
import { Writable } from 'node:stream';
import { PlatformError, type PlatformErrorCode } from '@tributary/contracts';
import type { RequestHandlers } from '@tributary/messaging';
import { createLogger } from '@tributary/runtime';
import type { AnyRequest, Place } from '@tributary/testing/contract';
import type { LightMyRequestResponse } from 'fastify';
import { fakeEntities } from './fake-entities.ts';
import { fakeUsers } from './fake-users.ts';
import { type KnownValues, knownValues } from './known-values.ts';
import { makeWorld, seed, type World } from './world.ts';

/** A request, and what the platform does when it is asked because of it. */
export interface Try {
  request: AnyRequest;
  platform: PlatformErrorCode | 'well';
}

/** No answer may take longer, on a machine that has other things to do; nothing here waits for anything by itself. */
const BOUND_MS = 45_000;

/** What can be done once. */
const USES_UP = /^DELETE |^POST .*:(?:discard|cancel)(?:$|\?)/;

/** An application that is asked anything; each answer is held against its document at once. */
export class FuzzedWorld {
  readonly world: World;
  readonly #token: string;
  readonly #log: string[];
  readonly #statuses = new Map<string, Set<number>>();
  #known: KnownValues = {};
  readonly #failing = new WeakSet<object>();
  #failure: PlatformError | undefined;

  private constructor(world: World, token: string, log: string[]) {
    this.world = world;
    this.#token = token;
    this.#log = log;
  }

  static async make(): Promise<FuzzedWorld> {
    const lines: string[] = [];
    const destination = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    const world = await makeWorld({
      log: createLogger({ service: 'api', level: 'error', format: 'json', destination }),
    });
    const fuzzed = new FuzzedWorld(world, await world.key('default'), lines);
    await fuzzed.#seed();
    return fuzzed;
  }

  close(): Promise<void> {
    return this.world.close();
  }

  /** What requests to an operation were answered with so far. */
  statuses({ method, path }: Place): number[] {
    return [...(this.#statuses.get(`${method} ${path}`) ?? [])];
  }

  /** Throws, with all that is needed to ask the same again, where the answer is not as the document says. */
  async ask(one: Try): Promise<void> {
    this.#failure = one.platform === 'well' ? undefined : new PlatformError(one.platform, 'as the test wants it');
    const request = this.#filled(one.request);
    const answer = await this.#answer(request);
    const faults = this.world.wrong.splice(0).flatMap((wrong) => wrong.faults);
    if (!answer) faults.push(`no answer within ${BOUND_MS} ms`);
    if (faults.length > 0) throw new Error(this.#report(one, answer, faults));
    this.#log.length = 0;
    this.#note(request, answer?.statusCode ?? 0);
    // What was removed must be there again for whoever asks next.
    if (USES_UP.test(`${request.method} ${request.url}`) && answer && answer.statusCode < 300) await this.#seed();
  }

  /** Throws where bytes are answered with anything but a refusal, or with what shows the inside. */
  async send(bytes: Buffer): Promise<void> {
    const socket = connect(await this.#listen(), '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => undefined);
    // An end of ours, so that what looks like the beginning of a request is not waited for.
    socket.end(bytes);
    await new Promise((resolve) => socket.once('close', resolve));
    const said = Buffer.concat(chunks).toString('latin1');
    const refused = /^HTTP\/1\.1 4\d\d [\s\S]*\r\ncontent-type: application\/problem\+json/i.test(said);
    if (said !== '' && !refused) throw new Error(`${JSON.stringify(bytes.toString('latin1'))}\nwas answered: ${said}`);
    if (/\bat .*\.(?:ts|js):\d+|node_modules/.test(said)) throw new Error(`the answer shows the inside: ${said}`);
  }

  async #listen(): Promise<number> {
    const { server } = this.world.fastify;
    if (!server.listening) await this.world.fastify.listen({ port: 0, host: '127.0.0.1' });
    return (server.address() as AddressInfo).port;
  }

  #note({ method, url }: AnyRequest, status: number): void {
    const place = this.world.contract.operationOf(method, url);
    const at = `${place?.method} ${place?.path}`;
    this.#statuses.set(at, (this.#statuses.get(at) ?? new Set()).add(status));
  }

  async #seed(): Promise<void> {
    const { handlers } = this.world.platform;
    this.#letFail(Object.assign(handlers, fakeEntities(), fakeUsers()));
    this.#known = await knownValues(this.world, 'default', await seed(this.world, 'default'));
  }

  #filled(request: AnyRequest): AnyRequest {
    const known = (text: string, encode: (value: string) => string) =>
      text.replace(/\{(\w+)\}/g, (whole, name: string) => {
        const value = this.#known[name];
        return value === undefined ? whole : encode(value);
      });
    return {
      ...request,
      url: known(request.url, encodeURIComponent),
      ...(request.payload === undefined
        ? {}
        : { payload: known(request.payload, (value) => JSON.stringify(value).slice(1, -1)) }),
    };
  }

  /** Undefined where it did not come in time. */
  async #answer({ method, url, headers, payload }: AnyRequest): Promise<LightMyRequestResponse | undefined> {
    const asked = {
      method: method as 'GET',
      url,
      headers: { authorization: `Bearer ${this.#token}`, ...headers },
      ...(payload === undefined ? {} : { payload }),
    };
    const endless = url.startsWith('/v1/stream');
    let cancel = (): void => undefined;
    const late = new Promise<undefined>((resolve) => {
      cancel = this.world.house.clock.after(BOUND_MS, () => resolve(undefined));
    });
    const answer = await Promise.race([this.world.fastify.inject({ ...asked, payloadAsStream: endless }), late]);
    cancel();
    // Whoever listens to a stream may go at any time.
    if (endless) answer?.raw.res.destroy();
    return answer;
  }

  /** Whatever the platform is asked, it fails while it shall. */
  #letFail(handlers: RequestHandlers): void {
    for (const name of Object.keys(handlers) as (keyof RequestHandlers)[]) {
      if (this.#failing.has(handlers[name] as object)) continue;
      const usual = handlers[name] as (payload: unknown, context: unknown) => Promise<unknown>;
      const failing = async (payload: unknown, context: unknown) => {
        if (this.#failure) throw this.#failure;
        return usual(payload, context);
      };
      this.#failing.add(failing);
      Object.assign(handlers, { [name]: failing });
    }
  }

  #report(one: Try, answer: LightMyRequestResponse | undefined, faults: readonly string[]): string {
    return [
      faults.join('; '),
      `${answer?.statusCode ?? 'no answer'}: ${answer?.payload?.slice(0, 1_000) ?? ''}`,
      ...this.#log.splice(0).map((line) => line.slice(0, 3_000)),
      `again: FUZZ_REQUEST='${JSON.stringify(one).replaceAll("'", "'\\''")}' pnpm fuzz`,
    ].join('\n');
  }
}
