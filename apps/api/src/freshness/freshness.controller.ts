import { Controller, Inject } from '@nestjs/common';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { DeviceStore } from '../devices/device-store.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { Input } from '../http/input.ts';
import { RequestUrl } from '../http/request-parts.ts';
import { nextLink } from '../lists/next-link.ts';
import { getDeviceFreshness, getFreshness } from './freshness.endpoints.ts';
import { FreshnessStore } from './freshness-store.ts';

@Controller()
export class FreshnessController {
  constructor(
    @Inject(FreshnessStore) private readonly store: FreshnessStore,
    @Inject(DeviceStore) private readonly devices: DeviceStore,
  ) {}

  @Endpoint(getFreshness)
  async all(
    @Input() { query }: InputOf<typeof getFreshness>,
    @Caller() { workspace }: CallerIdentity,
    @RequestUrl() url: string,
  ): Promise<Answer> {
    const [{ items, nextCursor }, counts, watchedAt] = await Promise.all([
      this.store.page({ workspace, ...query }, query),
      this.store.counts(workspace),
      this.store.watchedAt(),
    ]);
    const page = nextCursor === undefined ? {} : { nextCursor };
    const body = { items, page, counts, ...(watchedAt === undefined ? {} : { watchedAt }) };
    if (nextCursor === undefined) return new Answer(body);
    return new Answer(body, { headers: { link: nextLink(url, nextCursor) } });
  }

  @Endpoint(getDeviceFreshness)
  async ofDevice(@Input() { params }: InputOf<typeof getDeviceFreshness>, @Caller() { workspace }: CallerIdentity) {
    const { id } = await this.devices.address(workspace, params.deviceId);
    return this.store.device(workspace, id);
  }
}
