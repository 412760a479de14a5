import type { FastifyInstance } from 'fastify';
import { seededUuid } from '../kit/seeded.ts';
import { parsed } from './auth-routes.ts';
import type { Device } from './device.ts';
import { pageOf, pageQuery } from './paging.ts';
import type { OpticloudState } from './state.ts';
import { forbidden } from './vendor-error.ts';

const CREDENTIALS = 5;

export function deviceRoutes(app: FastifyInstance, state: OpticloudState): void {
  app.get<{ Params: { tenantId: string } }>(
    '/api/tenants/:tenantId/devices',
    { config: { operation: 'OPTI-04' } },
    (request) => {
      const { tenantId } = request.params;
      if (request.caller.authority.tenant?.id !== tenantId) throw forbidden();
      const page = pageOf(state.devices(tenantId), parsed(pageQuery, request.query));
      return { ...page, data: page.data.map(deviceRecord) };
    },
  );
  // Quirk: "device" in the singular here, "devices" next door (API page, "complete file list").
  app.get<{ Params: { deviceId: string } }>(
    '/api/device/:deviceId/credentials',
    { config: { operation: 'OPTI-06' } },
    (request) => {
      const device = state.deviceFor(request.caller, request.params.deviceId);
      if (!request.caller.authority.mayViewCredentials) throw forbidden();
      return credentialsRecord(device, state.options.seed);
    },
  );
}

const deviceRecord = (device: Device) => ({
  id: { entityType: 'DEVICE', id: device.id },
  createdTime: device.createdTime,
  tenantId: { entityType: 'TENANT', id: device.tenant.id },
  name: device.name,
  type: device.type,
  label: device.label,
  additionalInfo: { gateway: device.gateway, description: device.description },
});

const credentialsRecord = (device: Device, seed: number) => ({
  id: { id: seededUuid(seed, CREDENTIALS, device.index) },
  createdTime: device.createdTime,
  deviceId: { entityType: 'DEVICE', id: device.id },
  credentialsType: 'ACCESS_TOKEN',
  credentialsId: device.token,
  credentialsValue: null,
});
