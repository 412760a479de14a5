import { type Adapter, type ConnectionConfig, type ConnectionKit, defineAdapter, path } from '@tributary/adapter-kit';
import { z } from 'zod';
import { acmeExtras, acmeUpload } from './acme-extras.ts';
import { acmeHistory } from './acme-history.ts';
import { acmeSession } from './acme-session.ts';

/** A tiny platform of its own, for tests of the process: devices, points after a number, orders, files. */
const settings = z.strictObject({
  baseUrl: z.url(),
  account: z.string(),
  extras: z.boolean().default(false),
  session: z.boolean().default(false),
  history: z.boolean().default(false),
});
const credentials = z.strictObject({ key: z.string() });

const devicesAnswer = z.object({ devices: z.array(z.object({ id: z.string(), name: z.string() })) });
const pointsAnswer = z.object({
  points: z.array(z.object({ n: z.number(), device: z.string(), ts: z.number(), value: z.number() })),
  more: z.boolean(),
});
const orderAnswer = z.object({ state: z.enum(['queued', 'confirmed']) });

function connect(
  {
    settings: { baseUrl, account, extras, session, history },
    credentials: { key },
  }: ConnectionConfig<typeof settings, typeof credentials>,
  kit: ConnectionKit,
): Adapter {
  const plain = kit.http({ baseUrl, headers: { 'x-key': key } });
  const token = acmeSession(plain, account);
  const http = session ? kit.http({ baseUrl, headers: { 'x-key': key }, token }) : plain;
  const get = <S extends z.ZodType>(to: string, schema: S, signal: AbortSignal) =>
    http.json({ method: 'GET', path: to, operation: 'ACME', lane: 'live', idempotent: true, signal }, schema);
  return {
    probe: async (signal) => void (await get(path`/${account}/devices`, devicesAnswer, signal)),
    devices: {
      async *discover(signal) {
        const { devices } = await get(path`/${account}/devices`, devicesAnswer, signal);
        yield { items: devices.map(({ id, name }) => ({ nativeId: id, name, spaces: [], properties: {} })) };
      },
    },
    polls: {
      points: {
        schedule: 'points',
        async *run(from, signal) {
          let after = Number(from?.after ?? 0);
          for (let more = true; more; ) {
            const page = await get(`${path`/${account}/points`}?after=${after}`, pointsAnswer, signal);
            after = page.points.at(-1)?.n ?? after;
            more = page.more;
            yield {
              items: page.points.map(({ device, ts, value }) => ({
                type: 'points' as const,
                device,
                origin: 'poll' as const,
                points: [{ signal: 'count', tsMs: ts, value }],
              })),
              checkpoint: { after },
            };
          }
        },
      },
    },
    commands: {
      describe: () => [
        { name: 'set', description: '', params: {}, idempotent: true, evidence: ['confirmed'] },
        { name: 'add', description: '', params: {}, idempotent: false, evidence: ['confirmed'] },
      ],
      execute: async (command, signal) => {
        const request = {
          method: 'POST' as const,
          path: path`/${account}/orders`,
          operation: 'ACME-ORDER',
          lane: 'command' as const,
          idempotent: false,
          json: { id: command.id, name: command.name, device: command.device },
          signal,
        };
        const { state } = await http.json(request, orderAnswer);
        return { state, evidence: { kind: 'platform-answer', detail: 'the platform said so' } };
      },
    },
    files: {
      async *list() {},
      open: async (_device, names, signal) => {
        const name = names[0] ?? '';
        const { bytes } = await http.stream({
          method: 'GET',
          path: path`/${account}/files/${name}`,
          operation: 'ACME-FILE',
          lane: 'interactive',
          idempotent: true,
          signal,
        });
        return { bytes, mediaType: 'application/octet-stream', fileName: name };
      },
      ...(extras ? { upload: acmeUpload(http, account) } : {}),
    },
    ...(extras ? acmeExtras(http, account) : {}),
    ...(history ? { telemetry: acmeHistory(http, account) } : {}),
    close: async (reason) => kit.log.info({ reason }, 'closed'),
  };
}

export const acme = defineAdapter({
  manifest: {
    platform: 'acme',
    displayName: 'Acme',
    capabilities: ['devices', 'telemetry.poll', 'commands', 'files.content'],
    budgets: { requests: { limit: 10_000, per: '1s', documented: false } },
    schedules: { discover: '5s', follow: '2s', points: '300ms' },
  },
  settings,
  credentials,
  connect,
});
