import { type AdapterReply, InvalidRequestError, isPlatformError } from '@tributary/contracts';
import type { RequestHandler } from '@tributary/messaging';
import type { ConnectionRecord } from '../ports.ts';
import { type ConnectionInstance, type InstanceOptions, makeInstance } from '../supervision/connection-instance.ts';

export interface DraftOptions extends InstanceOptions {
  use: <T>(connectionId: string, work: (instance: ConnectionInstance) => Promise<T>) => Promise<T>;
  /** A probe of the connection has just succeeded. */
  wellAgain: (connectionId: string) => void;
  /** Of an existing connection. */
  workspaceOf: (connectionId: string) => Promise<string | undefined>;
}

type Check = AdapterReply<'connection.test'>['checks'][number];

/** Tries a connection, or a draft before it is stored: first what it is made of, then the platform itself. */
export const connectionTest =
  (options: DraftOptions): RequestHandler<'connection.test'> =>
  async ({ connectionId, draft }, { signal }) => {
    if (!draft && !connectionId) throw new InvalidRequestError('a test needs a connection or a draft');
    if (!draft && connectionId) {
      const checks = await attempt('configuration', () =>
        options.use(connectionId, async (instance) => probe(instance, signal)),
      );
      if (checks.every(({ ok }) => ok)) options.wellAgain(connectionId);
      return { ok: checks.every(({ ok }) => ok), checks };
    }
    const checks = await attempt('configuration', async () => {
      const instance = makeInstance(await draftRecord(draft, connectionId, options), options);
      try {
        return await probe(instance, signal);
      } finally {
        await instance.close('released');
      }
    });
    return { ok: checks.every(({ ok }) => ok), checks };
  };

async function probe(instance: ConnectionInstance, signal: AbortSignal): Promise<Check[]> {
  instance.access.resetTokens();
  const configuration: Check = { name: 'configuration', ok: true };
  const checks = await attempt('platform', async () => {
    await instance.adapter.probe(signal);
    return [{ name: 'platform', ok: true }];
  });
  const limits = (instance.adapter.limitations?.() ?? []).map((detail) => ({ name: 'limitation', ok: true, detail }));
  return [configuration, ...checks, ...limits];
}

async function attempt(name: string, work: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await work();
  } catch (error) {
    if (!isPlatformError(error)) throw error;
    return [{ name, ok: false, detail: error.message, error: error.toWire() }];
  }
}

/** Sealed for the workspace, and for the id that the connection has or would get. */
async function draftRecord(
  draft: { workspace?: string | undefined; settings: ConnectionRecord['settings']; sealed: string } | undefined,
  id: string | undefined,
  { definition, workspaceOf }: DraftOptions,
): Promise<ConnectionRecord> {
  if (!draft || id === undefined)
    throw new InvalidRequestError('a draft needs the id that its credentials are sealed for');
  const workspace = draft.workspace ?? (await workspaceOf(id));
  if (workspace === undefined) throw new InvalidRequestError('a draft of a new connection needs its workspace');
  const { settings, sealed } = draft;
  return {
    id,
    workspace,
    platform: definition.manifest.platform,
    settings,
    sealed,
    credentialsMark: sealed,
    draft: true,
    state: 'active',
    lastStatus: 'unknown',
  };
}
