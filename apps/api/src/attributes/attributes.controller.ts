import { Controller, Inject } from '@nestjs/common';
import type { AttributeScope, AttributeValue } from '@tributary/contracts';
import { writeAudit } from '../audit-log/audit-trail.ts';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { type DeviceAddress, DeviceStore } from '../devices/device-store.ts';
import { PlatformGateway } from '../gateway/platform-gateway.ts';
import { HOUSE, type House } from '../house.ts';
import { Gone } from '../http/abort.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { checkIfMatch, etagOfBody } from '../http/etag.ts';
import { Input } from '../http/input.ts';
import { IfMatch, TraceId } from '../http/request-parts.ts';
import { PlatformCatalogue } from '../platforms/platform-catalogue.ts';
import { AttributeStore, type StoredAttribute } from './attribute-store.ts';
import { listAttributes, updateAttributes } from './attributes.endpoints.ts';

@Controller()
export class AttributesController {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(DeviceStore) private readonly devices: DeviceStore,
    @Inject(AttributeStore) private readonly store: AttributeStore,
    @Inject(PlatformCatalogue) private readonly catalogue: PlatformCatalogue,
    @Inject(PlatformGateway) private readonly gateway: PlatformGateway,
  ) {}

  @Endpoint(listAttributes)
  async list(
    @Input() { params, query }: InputOf<typeof listAttributes>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    const device = await this.devices.address(caller.workspace, params.deviceId);
    const stored = await this.store.list(device.id);
    if (!query.live) return this.#answer(stored, query.scope, false, etagOfBody(stored));
    await this.catalogue.demand(device, 'attributes.read');
    const { attributes } = await this.gateway.ask(device, 'attributes.read', on(device), { traceId, signal });
    return this.#answer(this.#justRead(attributes), query.scope, true, etagOfBody(stored));
  }

  @Endpoint(updateAttributes)
  async update(
    @Input() { params, body }: InputOf<typeof updateAttributes>,
    @Caller() caller: CallerIdentity,
    @IfMatch() ifMatch: string | undefined,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    const device = await this.devices.address(caller.workspace, params.deviceId);
    checkIfMatch(ifMatch, etagOfBody(await this.store.list(device.id)));
    await this.catalogue.demand(device, 'attributes.write');
    // Written before the platform is asked: a change that may have happened must stand in the log.
    await writeAudit(this.house.audit, caller, {
      action: 'attributes.updated',
      target: device.id,
      details: { names: Object.keys(body) },
      traceId,
    });
    const payload = { ...on(device), scope: 'shared' as const, patch: body };
    const { attributes } = await this.gateway.ask(device, 'attributes.write', payload, { traceId, signal });
    return this.#answer(this.#justRead(attributes), undefined, true);
  }

  #justRead(attributes: AttributeValue[]): StoredAttribute[] {
    const observedAt = new Date(this.house.clock.now()).toISOString();
    return attributes.map(({ scope, name, value, ts }) => ({ scope, name, value, ...(ts ? { ts } : {}), observedAt }));
  }

  /** The ETag is that of the stored attributes, also for a live answer: it is what a change is compared with. */
  #answer(attributes: StoredAttribute[], scope: AttributeScope | undefined, live: boolean, etag?: string): Answer {
    const now = this.house.clock.now();
    const items = attributes
      .filter((attribute) => scope === undefined || attribute.scope === scope)
      .map((attribute) => ({ ...attribute, ageMs: Math.max(0, now - Date.parse(attribute.observedAt)) }));
    return new Answer({ items, page: {}, live }, { unconditional: live, ...(etag ? { headers: { etag } } : {}) });
  }
}

const on = ({ connectionId, nativeId }: DeviceAddress) => ({ connectionId, nativeId });
