// Written by `pnpm client:generate` from the documents of the api; not to be changed by hand.

import type { JsonValue } from "../json-value.ts";
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Json: JsonValue;
        Via: {
            adapter?: string;
            mapping?: string;
            calls?: components["schemas"]["ViaCall"][];
            messages?: components["schemas"]["ViaMessage"][];
            more?: number;
        };
        ViaCall: {
            operation: string;
            method: string;
            address: string;
            status: number;
            /** Format: date-time */
            at: string;
            ms: number;
            bytes: number;
            digest: string;
        };
        ViaMessage: {
            topic: string;
            qos?: number;
            /** Format: date-time */
            at: string;
            bytes: number;
            digest: string;
            again?: boolean;
        };
        Evidence: {
            /** @enum {string} */
            kind: "caller" | "adapter" | "platform-answer" | "platform-log" | "read-back" | "deadline" | "lost-answer";
            detail: string;
            /** Format: date-time */
            observedAt: string;
            reference?: string;
            data?: {
                [key: string]: components["schemas"]["Json"];
            };
        };
        PlatformFailure: {
            /** @enum {string} */
            code: "authentication" | "permission-denied" | "not-found" | "invalid-request" | "conflict" | "rate-limited" | "unavailable" | "timeout" | "malformed-response" | "unsupported";
            message: string;
            retryAfterMs?: number;
            platformStatus?: number;
            platformCode?: string;
        };
        BackfillPartCounts: {
            total: number;
            waiting: number;
            running: number;
            done: number;
            unrecoverable: number;
            cancelled: number;
        };
        /** @enum {unknown} */
        EventName: "telemetry.observed" | "device.discovered" | "device.updated" | "device.removed" | "device.stale" | "device.recovered" | "attribute.reported" | "command.accepted" | "command.dispatched" | "command.acknowledged" | "command.queued" | "command.delivered" | "command.confirmed" | "command.failed" | "command.rejected" | "command.expired" | "command.cancelled" | "command.unknown" | "entity.created" | "entity.updated" | "entity.removed" | "file.listed" | "file.available" | "platform-event.observed" | "connection.connected" | "connection.degraded" | "connection.recovered" | "connection.unauthorized" | "connection.paused" | "connection.removed" | "backfill.started" | "backfill.progressed" | "backfill.completed" | "backfill.cancelled" | "backfill.failed" | "subscription.paused" | "subscription.suspended" | "subscription.resumed" | "subscription.resynced" | "subscription.tested" | "parked-message.parked";
        EventOfArea: {
            telemetry: {
                /** @constant */
                specversion: "1.0";
                /** Format: uuid */
                id: string;
                source: string;
                subject: string;
                /** Format: date-time */
                time: string;
                /** @constant */
                datacontenttype: "application/json";
                dataschema: string;
                platform: string;
                connectionid: string;
                /** @enum {string} */
                origin: "live" | "poll" | "backfill" | "replay" | "import";
                traceparent?: string;
                data: {
                    deviceId: string;
                    nativeId: string;
                    rev: string;
                    run?: {
                        id: string;
                        first: number;
                        confirmed: number;
                    };
                    points: {
                        signal: string;
                        /** Format: date-time */
                        ts: string;
                        value: components["schemas"]["Json"];
                        unit?: string;
                    }[];
                    via?: components["schemas"]["Via"];
                };
            };
            device: {
                /** @constant */
                specversion: "1.0";
                /** Format: uuid */
                id: string;
                source: string;
                subject: string;
                /** Format: date-time */
                time: string;
                /** @constant */
                datacontenttype: "application/json";
                dataschema: string;
                platform: string;
                connectionid: string;
                /** @enum {string} */
                origin: "live" | "poll" | "backfill" | "replay" | "import";
                traceparent?: string;
                data: {
                    deviceId: string;
                    nativeId: string;
                    rev: string;
                    name: string;
                    kind?: string;
                    label?: string;
                    description?: string;
                    serial?: string;
                    parentId?: string;
                    reportsEveryMs?: number;
                    /** @default [] */
                    spaces: {
                        spaceId: string;
                        nativeId: string;
                        name: string;
                        kind: string;
                    }[];
                    /** @default {} */
                    properties: {
                        [key: string]: components["schemas"]["Json"];
                    };
                };
            };
            attribute: {
                /** @constant */
                specversion: "1.0";
                /** Format: uuid */
                id: string;
                source: string;
                subject: string;
                /** Format: date-time */
                time: string;
                /** @constant */
                datacontenttype: "application/json";
                dataschema: string;
                platform: string;
                connectionid: string;
                /** @enum {string} */
                origin: "live" | "poll" | "backfill" | "replay" | "import";
                traceparent?: string;
                data: {
                    deviceId: string;
                    nativeId: string;
                    rev: string;
                    attributes: {
                        /** @enum {string} */
                        scope: "client" | "shared" | "server";
                        name: string;
                        value?: components["schemas"]["Json"];
                        /** Format: date-time */
                        ts?: string;
                    }[];
                    via?: components["schemas"]["Via"];
                };
            };
            command: {
                /** @constant */
                specversion: "1.0";
                /** Format: uuid */
                id: string;
                source: string;
                subject: string;
                /** Format: date-time */
                time: string;
                /** @constant */
                datacontenttype: "application/json";
                dataschema: string;
                platform: string;
                connectionid: string;
                /** @enum {string} */
                origin: "live" | "poll" | "backfill" | "replay" | "import";
                traceparent?: string;
                data: {
                    deviceId: string;
                    nativeId: string;
                    commandId: string;
                    name: string;
                    /** @enum {string} */
                    state: "accepted" | "dispatched" | "acknowledged" | "queued" | "delivered" | "confirmed" | "rejected" | "failed" | "expired" | "cancelled" | "unknown";
                    evidence: components["schemas"]["Evidence"];
                    /** Format: date-time */
                    expiresAt: string;
                    error?: components["schemas"]["PlatformFailure"];
                };
            };
            entity: {
                /** @constant */
                specversion: "1.0";
                /** Format: uuid */
                id: string;
                source: string;
                subject: string;
                /** Format: date-time */
                time: string;
                /** @constant */
                datacontenttype: "application/json";
                dataschema: string;
                platform: string;
                connectionid: string;
                /** @enum {string} */
                origin: "live" | "poll" | "backfill" | "replay" | "import";
                traceparent?: string;
                data: {
                    entityType: string;
                    nativeId: string;
                    rev: string;
                    name?: string;
                    /** @default {} */
                    attributes: {
                        [key: string]: components["schemas"]["Json"];
                    };
                    via?: components["schemas"]["Via"];
                };
            };
            file: {
                /** @constant */
                specversion: "1.0";
                /** Format: uuid */
                id: string;
                source: string;
                subject: string;
                /** Format: date-time */
                time: string;
                /** @constant */
                datacontenttype: "application/json";
                dataschema: string;
                platform: string;
                connectionid: string;
                /** @enum {string} */
                origin: "live" | "poll" | "backfill" | "replay" | "import";
                traceparent?: string;
                data: {
                    deviceId: string;
                    nativeId: string;
                    fileId: string;
                    name: string;
                    rev: string;
                    /** @enum {string} */
                    location: "device" | "requested" | "platform" | "both";
                    sizeBytes?: number;
                    /** Format: date-time */
                    from?: string;
                    /** Format: date-time */
                    to?: string;
                    tag?: string;
                    via?: components["schemas"]["Via"];
                };
            };
            "platform-event": {
                /** @constant */
                specversion: "1.0";
                /** Format: uuid */
                id: string;
                source: string;
                subject: string;
                /** Format: date-time */
                time: string;
                /** @constant */
                datacontenttype: "application/json";
                dataschema: string;
                platform: string;
                connectionid: string;
                /** @enum {string} */
                origin: "live" | "poll" | "backfill" | "replay" | "import";
                traceparent?: string;
                data: {
                    deviceId?: string;
                    nativeId?: string;
                    name: string;
                    /** Format: date-time */
                    ts: string;
                    /** @default {} */
                    details: {
                        [key: string]: components["schemas"]["Json"];
                    };
                    via?: components["schemas"]["Via"];
                };
            };
            connection: {
                /** @constant */
                specversion: "1.0";
                /** Format: uuid */
                id: string;
                source: string;
                subject: string;
                /** Format: date-time */
                time: string;
                /** @constant */
                datacontenttype: "application/json";
                dataschema: string;
                platform: string;
                connectionid: string;
                /** @enum {string} */
                origin: "live" | "poll" | "backfill" | "replay" | "import";
                traceparent?: string;
                data: {
                    connectionId: string;
                    rev: string;
                    reason?: string;
                    /** @enum {string} */
                    class?: "auth" | "read" | "command" | "bulk";
                    error?: components["schemas"]["PlatformFailure"];
                };
            };
            backfill: {
                /** @constant */
                specversion: "1.0";
                /** Format: uuid */
                id: string;
                source: string;
                subject: string;
                /** Format: date-time */
                time: string;
                /** @constant */
                datacontenttype: "application/json";
                dataschema: string;
                platform: string;
                connectionid: string;
                /** @enum {string} */
                origin: "live" | "poll" | "backfill" | "replay" | "import";
                traceparent?: string;
                data: {
                    backfillId: string;
                    connectionId: string;
                    /** @enum {string} */
                    kind: "asked" | "repair";
                    /** @enum {string} */
                    state: "planned" | "running" | "completed" | "cancelled" | "failed";
                    /** Format: date-time */
                    from: string;
                    /** Format: date-time */
                    to: string;
                    parts: components["schemas"]["BackfillPartCounts"];
                    points: number;
                    calls: number;
                    reason?: string;
                };
            };
            subscription: {
                /** @constant */
                specversion: "1.0";
                /** Format: uuid */
                id: string;
                source: string;
                subject: string;
                /** Format: date-time */
                time: string;
                /** @constant */
                datacontenttype: "application/json";
                dataschema: string;
                /** @constant */
                platform: "tributary";
                /** @enum {string} */
                origin: "live" | "poll" | "backfill" | "replay" | "import";
                traceparent?: string;
                data: {
                    subscriptionId: string;
                    /** @enum {string} */
                    reason: "caller" | "gone" | "failing" | "cursor-gone";
                    detail?: string;
                    after?: string;
                };
            };
            "parked-message": {
                /** @constant */
                specversion: "1.0";
                /** Format: uuid */
                id: string;
                source: string;
                subject: string;
                /** Format: date-time */
                time: string;
                /** @constant */
                datacontenttype: "application/json";
                dataschema: string;
                /** @constant */
                platform: "tributary";
                /** @enum {string} */
                origin: "live" | "poll" | "backfill" | "replay" | "import";
                traceparent?: string;
                data: {
                    parkedMessageId: string;
                    fingerprint: string;
                    /** @enum {string} */
                    kind: "message" | "item";
                    reason: string;
                    problems: {
                        path: string;
                        problem: string;
                    }[];
                    count: number;
                    /** Format: date-time */
                    since: string;
                    platform?: string;
                    area?: string;
                    connectionId?: string;
                    deviceId?: string;
                    /** @enum {string} */
                    origin?: "live" | "poll" | "backfill" | "replay" | "import";
                };
            };
        };
        EventOfName: {
            "device.stale": {
                /** @constant */
                specversion: "1.0";
                /** Format: uuid */
                id: string;
                source: string;
                subject: string;
                /** Format: date-time */
                time: string;
                /** @constant */
                datacontenttype: "application/json";
                dataschema: string;
                platform: string;
                connectionid: string;
                /** @enum {string} */
                origin: "live" | "poll" | "backfill" | "replay" | "import";
                traceparent?: string;
                data: {
                    deviceId: string;
                    nativeId: string;
                    /** Format: date-time */
                    since: string;
                    expectedEveryMs: number;
                    staleAfterMs: number;
                    cause: {
                        /** @enum {string} */
                        link: "credential" | "budget" | "vendor" | "network" | "mapping" | "adapter" | "broker" | "database" | "device";
                        detail: string;
                        evidence: {
                            /** @enum {string} */
                            link: "credential" | "budget" | "vendor" | "network" | "mapping" | "adapter" | "broker" | "database" | "device";
                            detail: string;
                            /** Format: date-time */
                            firstAt: string;
                            /** Format: date-time */
                            lastAt: string;
                            times: number;
                            data?: {
                                [key: string]: components["schemas"]["Json"];
                            };
                        }[];
                    };
                    /** Format: date-time */
                    until?: string;
                };
            };
            "device.recovered": {
                /** @constant */
                specversion: "1.0";
                /** Format: uuid */
                id: string;
                source: string;
                subject: string;
                /** Format: date-time */
                time: string;
                /** @constant */
                datacontenttype: "application/json";
                dataschema: string;
                platform: string;
                connectionid: string;
                /** @enum {string} */
                origin: "live" | "poll" | "backfill" | "replay" | "import";
                traceparent?: string;
                data: {
                    deviceId: string;
                    nativeId: string;
                    /** Format: date-time */
                    since: string;
                    expectedEveryMs: number;
                    staleAfterMs: number;
                    cause: {
                        /** @enum {string} */
                        link: "credential" | "budget" | "vendor" | "network" | "mapping" | "adapter" | "broker" | "database" | "device";
                        detail: string;
                        evidence: {
                            /** @enum {string} */
                            link: "credential" | "budget" | "vendor" | "network" | "mapping" | "adapter" | "broker" | "database" | "device";
                            detail: string;
                            /** Format: date-time */
                            firstAt: string;
                            /** Format: date-time */
                            lastAt: string;
                            times: number;
                            data?: {
                                [key: string]: components["schemas"]["Json"];
                            };
                        }[];
                    };
                    /** Format: date-time */
                    until?: string;
                };
            };
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
