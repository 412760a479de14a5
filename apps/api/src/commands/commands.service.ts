import { Inject, Injectable } from '@nestjs/common';
import {
  type CommandDescription,
  type CommandResource,
  type commandDraft,
  type Json,
  UnsupportedError,
} from '@tributary/contracts';
import { inTransaction } from '@tributary/database';
import { failpoint } from '@tributary/runtime';
import type { z } from 'zod';
import { writeAudit } from '../audit-log/audit-trail.ts';
import type { CallerIdentity } from '../auth/caller.ts';
import type { Asking } from '../connections/connections.service.ts';
import { type DeviceAddress, DeviceStore } from '../devices/device-store.ts';
import type { Known } from '../gateway/known-answers/known-answer.ts';
import { HOUSE, type House } from '../house.ts';
import type { IdempotencyClaim } from '../http/idempotency-claim.ts';
import { atPlatform } from '../http/problem-document.ts';
import { badRequest, notFound, ProblemError } from '../http/problem-error.ts';
import { checkAgainst } from '../platforms/json-schema-check.ts';
import { PlatformCatalogue } from '../platforms/platform-catalogue.ts';
import { CommandStore } from './command-store.ts';
import { DescriptionBook } from './description-book.ts';

type Draft = z.output<typeof commandDraft>;

const DEFAULT_LIFE_MS = 15 * 60_000;
const LONGEST_LIFE_MS = 30 * 86_400_000;

/** Accepts and cancels orders. Whatever is wrong with an order that can be known beforehand is said before it is accepted. */
@Injectable()
export class CommandsService {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(DeviceStore) private readonly devices: DeviceStore,
    @Inject(CommandStore) private readonly store: CommandStore,
    @Inject(PlatformCatalogue) private readonly catalogue: PlatformCatalogue,
    @Inject(DescriptionBook) private readonly book: DescriptionBook,
  ) {}

  async describe(caller: CallerIdentity, deviceId: string, asking: Asking): Promise<Known<CommandDescription[]>> {
    const device = await this.devices.address(caller.workspace, deviceId);
    const platform = await this.catalogue.get(device.platform);
    if (platform && !platform.capabilities.includes('commands')) {
      return { reply: [], observedAtMs: this.house.clock.now() };
    }
    return this.book.of(device, asking);
  }

  /** The command, its order to the adapter and the answer to its key are written together: a crash makes no second one. */
  async accept(
    caller: CallerIdentity,
    deviceId: string,
    draft: Draft,
    claim: IdempotencyClaim | undefined,
    asking: Asking,
  ): Promise<CommandResource> {
    const device = await this.devices.address(caller.workspace, deviceId);
    const expiresAt = this.#deadline(draft.expiresAt);
    const params = await this.#checkedParams(device, draft, asking);
    const accepted = await inTransaction(this.house.db.pool, async (client) => {
      const { id } = await this.house.ledger.acceptIn(client, {
        workspace: caller.workspace,
        platform: device.platform,
        connectionId: device.connectionId,
        deviceId: device.id,
        nativeId: device.nativeId,
        name: draft.name,
        params,
        expiresAt,
        caller: caller.actor,
        traceparent: `00-${asking.traceId}-${asking.traceId.slice(0, 16)}-01`,
      });
      await writeAudit(
        this.house.audit,
        caller,
        {
          action: 'command.accepted',
          target: id,
          details: { deviceId, name: draft.name },
          traceId: asking.traceId,
        },
        client,
      );
      const command = await this.store.get(caller.workspace, id, client);
      const answer = { status: 202, headers: { location: `/v1/commands/${id}` }, body: command };
      if (claim && !(await claim.finish(answer, client))) {
        throw new ProblemError('idempotency-in-progress', 'Another request with this key has taken over.', {
          retryAfterMs: 1_000,
        });
      }
      return command;
    });
    await failpoint('after-commit-before-notify');
    return accepted;
  }

  async cancel(caller: CallerIdentity, id: string, traceId: string): Promise<CommandResource> {
    const { workspace, actor } = caller;
    const result = await inTransaction(this.house.db.pool, async (tx) => {
      const found = await this.house.ledger.cancelIn(tx, { workspace, commandId: id, caller: actor });
      const entry = { action: 'command.cancelled', target: id, traceId };
      if (found === 'cancelled') await writeAudit(this.house.audit, caller, entry, tx);
      return found;
    });
    if (result === 'not-found') throw notFound('command');
    const command = await this.store.get(workspace, id);
    if (result === 'too-late' && command.state !== 'cancelled') {
      throw new ProblemError('conflict', `The command is ${command.state}; it cannot be taken back any more.`);
    }
    return command;
  }

  #deadline(text: string | undefined): Date {
    const now = this.house.clock.now();
    const at = text === undefined ? now + DEFAULT_LIFE_MS : Date.parse(text);
    if (at <= now) throw badRequest([{ pointer: '/body/expiresAt', detail: 'is in the past' }]);
    if (at > now + LONGEST_LIFE_MS)
      throw badRequest([{ pointer: '/body/expiresAt', detail: 'is more than 30 days ahead' }]);
    return new Date(at);
  }

  async #checkedParams(device: DeviceAddress, draft: Draft, asking: Asking): Promise<{ [key: string]: Json }> {
    await this.catalogue.demand(device, 'commands');
    const { reply: descriptions } = await this.book.of(device, asking);
    const description = descriptions.find((known) => known.name === draft.name);
    if (!description) {
      const names = descriptions.map((known) => known.name).join(', ') || 'none';
      throw atPlatform(new UnsupportedError(`the device does not understand this order; it understands: ${names}`), {
        platform: device.platform,
        connectionId: device.connectionId,
      });
    }
    const params = structuredClone(draft.params);
    const faults = await checkAgainst(description.params, params, '/body/params');
    if (faults.length > 0) throw badRequest(faults);
    return params;
  }
}
