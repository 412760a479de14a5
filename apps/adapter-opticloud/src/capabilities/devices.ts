import { type Adapter, type Call, type DeviceSnapshot, type NativeId, pagesOf } from '@tributary/adapter-kit';
import type { Login } from '../auth.ts';
import type { OpticloudClient } from '../client.ts';
import { deviceSnapshot } from '../mapping.ts';

export interface DevicesOptions {
  client: OpticloudClient;
  login: Login;
  pageSize: number;
  /** Serial number, where the device's client attributes have told it. */
  serialOf(device: NativeId): string | undefined;
}

/** Devices of the tenant, page by page. */
export async function* sweepDevices(
  options: DevicesOptions,
  call: Call,
): AsyncGenerator<DeviceSnapshot[], void, undefined> {
  const { client, login, pageSize, serialOf } = options;
  const tenant = await login.tenant(call.signal);
  for await (const page of pagesOf({ limit: pageSize, whole: true }, (asked) =>
    client.devices(tenant.id, asked, call),
  )) {
    yield page.map((device) => deviceSnapshot(device, tenant, serialOf(device.id.id)));
  }
}

/** The cheapest authenticated call that the vendor documents: one device. */
export async function probe({ client, login }: DevicesOptions, signal: AbortSignal): Promise<void> {
  const tenant = await login.tenant(signal);
  await client.devices(tenant.id, { page: 0, limit: 1 }, { lane: 'interactive', signal });
}

export function devicesCapability(options: DevicesOptions): NonNullable<Adapter['devices']> {
  return {
    async *discover(signal) {
      for await (const items of sweepDevices(options, { lane: 'reconcile', signal })) yield { items };
    },
  };
}
