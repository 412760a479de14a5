// Written by `pnpm client:generate` from the documents of the api; not to be changed by hand.

/** What a call must know of an operation beside its types. */
export interface OperationFacts {
  /** Takes `Idempotency-Key`: the effect happens once, however often it is asked for with one key. */
  readonly idempotencyKey?: true;
  /** Takes `If-Match`: a second time finds that there is nothing left to do. */
  readonly ifMatch?: true;
  /** A POST that only asks. */
  readonly harmless?: true;
  /** Media type of the body, where it is not `application/json`. */
  readonly bodyType?: string;
  /** Every page has a next one; an empty page is the end for now. */
  readonly endless?: true;
}

export const operations: Readonly<Record<string, OperationFacts>> = {
  'POST /v1/api-keys': { idempotencyKey: true },
  'DELETE /v1/api-keys/{keyId}': { ifMatch: true },
  'POST /v1/api-keys/{keyId}:rotate': { idempotencyKey: true },
  'POST /v1/backfills': { idempotencyKey: true },
  'POST /v1/backfills/{backfillId}:cancel': { idempotencyKey: true },
  'POST /v1/backfills:estimate': { idempotencyKey: true },
  'POST /v1/commands/{commandId}:cancel': { idempotencyKey: true },
  'POST /v1/connections': { idempotencyKey: true },
  'PATCH /v1/connections/{connectionId}': { ifMatch: true, bodyType: 'application/merge-patch+json' },
  'DELETE /v1/connections/{connectionId}': { ifMatch: true },
  'POST /v1/connections/{connectionId}/entities/{type}': { idempotencyKey: true },
  'PATCH /v1/connections/{connectionId}/entities/{type}/{nativeId}': { ifMatch: true, bodyType: 'application/merge-patch+json' },
  'DELETE /v1/connections/{connectionId}/entities/{type}/{nativeId}': { ifMatch: true },
  'POST /v1/connections/{connectionId}/entities/{type}/{nativeId}/relations/{relation}': { idempotencyKey: true },
  'POST /v1/connections/{connectionId}/files': { bodyType: 'application/octet-stream' },
  'POST /v1/connections/{connectionId}/graphql': { idempotencyKey: true },
  'POST /v1/connections/{connectionId}/users': { idempotencyKey: true },
  'POST /v1/connections/{connectionId}/users:invite': { idempotencyKey: true },
  'POST /v1/connections/{connectionId}:discover': { idempotencyKey: true },
  'POST /v1/connections/{connectionId}:pause': { idempotencyKey: true },
  'POST /v1/connections/{connectionId}:resume': { idempotencyKey: true },
  'POST /v1/connections/{connectionId}:test': { idempotencyKey: true },
  'POST /v1/connections:test': { idempotencyKey: true },
  'PATCH /v1/devices/{deviceId}/attributes': { ifMatch: true, bodyType: 'application/merge-patch+json' },
  'POST /v1/devices/{deviceId}/commands': { idempotencyKey: true },
  'POST /v1/devices/{deviceId}/files:download': { harmless: true },
  'POST /v1/devices/{deviceId}/telemetry:write': { idempotencyKey: true },
  'POST /v1/entities:query': { harmless: true },
  'GET /v1/events': { endless: true },
  'POST /v1/parked-messages/jobs/{jobId}:cancel': { idempotencyKey: true },
  'POST /v1/parked-messages/{messageId}:discard': { idempotencyKey: true },
  'POST /v1/parked-messages/{messageId}:preview': { harmless: true },
  'POST /v1/parked-messages/{messageId}:replay': { idempotencyKey: true },
  'POST /v1/parked-messages:discard': { idempotencyKey: true },
  'POST /v1/parked-messages:preview': { harmless: true },
  'POST /v1/parked-messages:replay': { idempotencyKey: true },
  'POST /v1/subscriptions': { idempotencyKey: true },
  'PATCH /v1/subscriptions/{subscriptionId}': { ifMatch: true, bodyType: 'application/merge-patch+json' },
  'DELETE /v1/subscriptions/{subscriptionId}': { ifMatch: true },
  'POST /v1/subscriptions/{subscriptionId}/deliveries/{deliveryId}:retry': { idempotencyKey: true },
  'POST /v1/subscriptions/{subscriptionId}:pause': { idempotencyKey: true },
  'POST /v1/subscriptions/{subscriptionId}:replay': { idempotencyKey: true },
  'POST /v1/subscriptions/{subscriptionId}:resume': { idempotencyKey: true },
  'POST /v1/subscriptions/{subscriptionId}:rotate-secret': { idempotencyKey: true },
  'POST /v1/subscriptions/{subscriptionId}:test': { idempotencyKey: true },
  'POST /v1/telemetry:query': { harmless: true },
};
