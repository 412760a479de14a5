import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { platformErrorCodes } from '@tributary/contracts';
import { anyRequest, type JsonSchema, type OpenApi, operationsOf } from '@tributary/testing/contract';
import fc from 'fast-check';
import { mountedEndpoints } from '../src/openapi/mounted-endpoints.ts';
import { API_VERSION, openApiDocument } from '../src/openapi/openapi-document.ts';
import { FuzzedWorld, type Try } from './world/fuzzed-world.ts';

/**
 * Every operation of the document gets requests of every kind. `FUZZ_RUNS` says how many each (`pnpm fuzz`: many),
 * `FUZZ_SEED` which, `FUZZ_ONLY` for which operations, and `FUZZ_REQUEST` repeats one that was printed.
 */
const { FUZZ_RUNS = '25', FUZZ_SEED, FUZZ_ONLY = '', FUZZ_REQUEST } = process.env;
const seed = FUZZ_SEED === undefined ? Date.now() % 2 ** 31 : Number(FUZZ_SEED);
const numRuns = Number(FUZZ_RUNS);
const PATIENCE_MS = 60_000 + numRuns * 3_000;

const document = openApiDocument(mountedEndpoints().specs, { version: API_VERSION }) as unknown as OpenApi;
for (const parameter of operationsOf(document).flatMap(({ operation }) => operation.parameters)) {
  // Nobody waits here.
  if (parameter.name === 'waitMs') parameter.schema = { type: 'integer', minimum: 0, maximum: 20 };
}
const operations = operationsOf(document).filter(({ operation }) => operation.operationId.includes(FUZZ_ONLY));

/** Texts that lead behind the first check. */
const words: Record<string, string[]> = {
  ...Object.fromEntries(
    operations.flatMap(({ operation }) =>
      operation.parameters.filter((p) => p.in === 'path').map((p): [string, string[]] => [p.name, [`{${p.name}}`]]),
    ),
  ),
  type: ['{type}', '{type}', 'device', 'visit', 'io.tributary.telemetry.observed.v1'],
  nativeId: ['{nativeId}', 'd 1/ü', 'u/2'],
  device: ['{deviceId}', '{deviceId},{deviceId}'],
  connection: ['{connectionId}'],
  subject: ['{deviceId}'],
  filter: [
    'id pr',
    'name pr',
    'name eq "Boiler Öst" and not (id co "x" or id sw "dev")',
    'properties.power gt 12',
    'attributes.floor eq 1 and name ew "1"',
    'createdAt ge "2026-01-01T00:00:00Z"',
    'name eq null',
    `${'('.repeat(60)}id pr${')'.repeat(60)}`,
  ],
  sort: ['id', '-id', 'name', '-name,id', '-updatedAt'],
  fields: ['id', 'id,name', 'name'],
  every: ['PT1H', 'P1M', 'P1D'],
  timeZone: ['UTC', 'Europe/Vienna'],
};
/** A cursor is a page's own; one that is made up is a fault. */
const without = ['cursor'];
const KINDS: Record<string, string> = {
  con: 'connectionId',
  dev: 'deviceId',
  spc: 'spaceId',
  fil: 'fileId',
  cmd: 'commandId',
  key: 'keyId',
  sub: 'subscriptionId',
  dlv: 'deliveryId',
  ser: 'seriesId',
};

/** Ids that exist, in the place of ids that only look right. */
function instead(schema: JsonSchema): fc.Arbitrary<unknown> | undefined {
  const kind = typeof schema.pattern === 'string' ? /^\^(\w{3})_/.exec(schema.pattern)?.[1] : undefined;
  const name = kind && KINDS[kind];
  return name ? fc.constant(`{${name}}`) : undefined;
}

const tries = (place: (typeof operations)[number]): fc.Arbitrary<Try> =>
  fc.record({
    request: anyRequest(place, { document, words, without, instead }),
    platform: fc.oneof(
      { arbitrary: fc.constant('well' as const), weight: 15 },
      { arbitrary: fc.constantFrom(...platformErrorCodes), weight: 1 },
    ),
  });

/** What comes over a socket and is no HTTP, or nearly is. */
const bytes: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 200 }).map((all) => Buffer.from(all)),
  fc
    .tuple(
      fc.constantFrom('GET ', 'POST ', 'get ', ' GET ', 'CONNECT ', 'PRI '),
      fc.constantFrom('/v1/devices', '*', 'http://x/v1/devices', '/v1/\u00ff', '/a b', `/${'a'.repeat(20_000)}`),
      fc.constantFrom(' HTTP/1.1', ' HTTP/9.9', ' HTTP/1.0', ''),
      fc.constantFrom(
        '',
        'host: x\r\n',
        'host: x\r\ncontent-length: -1\r\n',
        'a b: c\r\n',
        `x: ${'y'.repeat(20_000)}\r\n`,
      ),
    )
    .map(([method, path, version, headers]) =>
      Buffer.from(`${method}${path}${version}\r\n${headers}connection: close\r\n\r\n`, 'latin1'),
    ),
);

let fuzzed: FuzzedWorld;
beforeAll(async () => {
  fuzzed = await FuzzedWorld.make();
}, PATIENCE_MS);
afterAll(async () => {
  await fuzzed.close();
});

if (FUZZ_REQUEST !== undefined) {
  it('the request that was given is answered as the document says', async () => {
    await fuzzed.ask(JSON.parse(FUZZ_REQUEST) as Try);
  });
} else {
  describe(`anything at all, from the seed ${seed}`, () => {
    it.each(operations.map((place) => [`${place.method} ${place.path}`, place] as const))(
      '%s',
      async (_, place) => {
        const details = await fc.check(
          fc.asyncProperty(tries(place), (one) => fuzzed.ask(one)),
          { seed, numRuns },
        );
        const said = details.errorInstance instanceof Error ? details.errorInstance.message : undefined;
        if (details.failed)
          throw new Error(`${said}\nseed: FUZZ_SEED=${seed} FUZZ_ONLY=${place.operation.operationId}`);
        expect(details.numRuns).toBe(numRuns);
        // Else all of it was said to nobody.
        if (numRuns >= 200) expect(fuzzed.statuses(place).some((status) => status < 300)).toBe(true);
      },
      PATIENCE_MS,
    );

    it(
      'bytes that are no request',
      async () => {
        await fc.assert(
          fc.asyncProperty(bytes, (sent) => fuzzed.send(sent)),
          { seed, numRuns },
        );
      },
      PATIENCE_MS,
    );
  });
}
