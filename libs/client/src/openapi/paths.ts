// Written by `pnpm client:generate` from the documents of the api; not to be changed by hand.

import type { JsonValue } from "../json-value.ts";
export interface paths {
    "/v1/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * API keys of the workspace, revoked ones too
         * @description Needs the scope `admin`.
         */
        get: operations["listApiKeys"];
        put?: never;
        /**
         * Make a key
         * @description It can have no scope that the key has not with which it is made.
         *
         *     Needs the scope `admin`.
         */
        post: operations["createApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys/{keyId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One key, without its secret
         * @description Needs the scope `admin`.
         */
        get: operations["getApiKey"];
        put?: never;
        post?: never;
        /**
         * Revoke a key; it stops working within five seconds
         * @description Needs the scope `admin`.
         */
        delete: operations["revokeApiKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys/{keyId}:rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a key a new secret
         * @description Id, name and scopes stay. The secret of now works for the overlap, so that whoever uses it can change over; one that was replaced before it ends. Whoever rotates a key must have all its scopes.
         *
         *     Needs the scope `admin`.
         */
        post: operations["rotateApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit-log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who changed what, newest first
         * @description Needs the scope `admin`.
         */
        get: operations["listAuditLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/backfills": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Backfills and repairs, newest first
         * @description Needs the scope `read`.
         */
        get: operations["listBackfills"];
        put?: never;
        /**
         * Read a range of history again
         * @description It is accepted, not carried out: follow it at its Location, or by its events. Its calls take what the platform’s budget leaves; its points carry `origin: backfill`; `backfill.completed` stands behind the last of them.
         *
         *     Needs the scope `write`. Counts as 5 requests.
         */
        post: operations["createBackfill"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/backfills/{backfillId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One backfill, and how far it is
         * @description Needs the scope `read`.
         */
        get: operations["getBackfill"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/backfills/{backfillId}/parts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a backfill is made of
         * @description Needs the scope `read`.
         */
        get: operations["listBackfillParts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/backfills/{backfillId}:cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End a backfill early
         * @description What was brought stays. What is under way ends with its page. 409 for one that has ended.
         *
         *     Needs the scope `write`.
         */
        post: operations["cancelBackfill"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/backfills:estimate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What reading a range again would take
         * @description Nothing is begun, and the platform is not asked. Only what coverage says is not complete is counted, unless `onlyGaps` is false.
         *
         *     Needs the scope `write`. Counts as 5 requests.
         */
        post: operations["estimateBackfill"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/commands": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Commands of all devices, newest first
         * @description Needs the scope `read`.
         */
        get: operations["listCommands"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/commands/{commandId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One command: its state, and the evidence for each step
         * @description Needs the scope `read`.
         */
        get: operations["getCommand"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/commands/{commandId}:cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take an order back before it has had an effect
         * @description Possible until it is sent, and while the platform only holds it for the device. 409 afterwards.
         *
         *     Needs the scope `command`.
         */
        post: operations["cancelCommand"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Connections of the workspace
         * @description Needs the scope `read`.
         */
        get: operations["listConnections"];
        put?: never;
        /**
         * Connect an account at a platform
         * @description Settings and credentials are checked against the platform's own schemas; see GET /v1/platforms. Credentials are sealed and can never be read again.
         *
         *     Needs the scope `write`.
         */
        post: operations["createConnection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One connection
         * @description Needs the scope `read`.
         */
        get: operations["getConnection"];
        put?: never;
        post?: never;
        /**
         * Remove a connection and hide its devices
         * @description Needs the scope `write`.
         */
        delete: operations["deleteConnection"];
        options?: never;
        head?: never;
        /**
         * Change name, settings or credentials
         * @description A merge patch (RFC 7396). Credentials are replaced as a whole.
         *
         *     Needs the scope `write`.
         */
        patch: operations["updateConnection"];
        trace?: never;
    };
    "/v1/connections/{connectionId}/budget": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the platform allows, and what is spent
         * @description Needs the scope `read`.
         */
        get: operations["getConnectionBudget"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}/checkpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where polls resume
         * @description Needs the scope `read`.
         */
        get: operations["listCheckpoints"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}/conservation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The same of one connection
         * @description For every connection and minute: received = stored + duplicate + corrected + superseded + parked + all of `dropped` + inFlight + missing. Counted at the hand-overs (platform to adapter, adapter to bus, bus to commit) by two services that know nothing of each other’s counts, and kept through every restart. `totals` are the sums of all minutes of the range, whatever the page.
         *
         *     Needs the scope `read`. Counts as 2 requests.
         */
        get: operations["getConnectionConservation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}/coverage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How much of the time is there, of each device of a connection
         * @description By the time that points carry. An interval is complete when its source was read for it and the conservation account has no point of it in flight, missing or parked; so an empty stretch that is complete is known to be empty. Time before anything was read is `missing` with the reason `never read, or kept no longer`; time after what was last read is `pending`, unless the connection is paused. A cursor goes on in the range that it was made for.
         *
         *     Needs the scope `read`. Counts as 5 requests.
         */
        get: operations["getConnectionCoverage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}/entities/{type}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Records of one type, asked of the platform
         * @description Fields of `filter` and `sort` are `nativeId`, `name` and `attributes.<name>`. What the platform cannot evaluate of the filter is evaluated here, page by page: such a page may hold fewer items than `limit`, even none, while `nextCursor` says that there are more.
         *
         *     Needs the scope `read`.
         */
        get: operations["listEntities"];
        put?: never;
        /**
         * Make a record on the platform
         * @description Needs the scope `write`.
         */
        post: operations["createEntity"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}/entities/{type}/{nativeId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One record, asked of the platform
         * @description Needs the scope `read`.
         */
        get: operations["getEntity"];
        put?: never;
        post?: never;
        /**
         * Remove a record from the platform
         * @description Needs the scope `write`.
         */
        delete: operations["deleteEntity"];
        options?: never;
        head?: never;
        /**
         * Change attributes of a record on the platform
         * @description A merge patch (RFC 7396) of `attributes`: `null` removes one.
         *
         *     Needs the scope `write`.
         */
        patch: operations["updateEntity"];
        trace?: never;
    };
    "/v1/connections/{connectionId}/entities/{type}/{nativeId}/relations/{relation}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Records that a relation of a record leads to, asked of the platform
         * @description Which relations there are stands in the entity type, where the platform names them.
         *
         *     Needs the scope `read`.
         */
        get: operations["listRelatedEntities"];
        put?: never;
        /**
         * Add relations from a record to others
         * @description Relations that are there already stay. The event `entity.updated` tells of it.
         *
         *     Needs the scope `write`.
         */
        post: operations["relateEntity"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}/entity-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Types of records that the platform keeps, with their schemas
         * @description Needs the scope `read`.
         */
        get: operations["listEntityTypes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a file to the platform
         * @description The body is the file itself, of any media type, with its `name` in the query; or a form (multipart/form-data) whose only part is a file named `file`, whose own name counts unless the query has one. It is passed on while it arrives. There is no Idempotency-Key here: after a failure look whether the platform has the file.
         *
         *     Needs the scope `write`. Counts as 5 requests.
         */
        post: operations["uploadFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}/graphql": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask the platform in its own GraphQL
         * @description Runs within the connection's budget and with its credentials. A mutation needs the scope `write` besides, and stands in the audit log; changes that are made so are not told on the bus. The platform's answer is passed on as it is, its `errors` included, with the status 200. Idempotency-Key keeps a mutation from running twice.
         *
         *     Needs the scope `read`. Counts as 5 requests.
         */
        post: operations["executeGraphql"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Owner, breakers, last success and last failure, and what led there
         * @description Needs the scope `read`.
         */
        get: operations["getConnectionHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}/health/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What became of the connection and of its breakers, newest first
         * @description Kept for 90 days. Filter by `kind`, `to`, `from`, `class`, `service`, `replica`, `code` and `at`; `kind eq "status"` shows how long the connection was how. The same turn of a breaker within ten minutes, and at most an hour, is one entry with `times`.
         *
         *     Needs the scope `read`.
         */
        get: operations["listConnectionHealthHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}/oauth/authorize": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Begin a user's own log-in at the platform
         * @description Send the browser of whoever shall log in to `url`. The platform sends it back to `…/oauth/callback`, which must be allowed there as a redirect URI; the log-in then replaces the credentials of the connection. It is good once and until `expiresAt`.
         *
         *     Whoever prefers `text/html` to `application/json` is redirected there with 302; everybody else gets the address as JSON.
         *
         *     Needs the scope `write`.
         */
        get: operations["beginLogin"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}/oauth/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * End a user's own log-in: the platform sends the browser here
         * @description Takes what the platform adds to it and answers a page, or JSON where that is preferred. No key is needed: `state` is the proof.
         *
         *     Needs no key.
         */
        get: operations["endLogin"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Users of the platform, asked of it
         * @description A platform that has users may still lack this: then 422 `capability-unsupported`.
         *
         *     Needs the scope `read`.
         */
        get: operations["listUsers"];
        put?: never;
        /**
         * Register a user on the platform
         * @description Which members a platform needs, it says; what it needs besides goes into `attributes`. A platform that has users may still lack this: then 422 `capability-unsupported`.
         *
         *     Needs the scope `write`.
         */
        post: operations["registerUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}/users/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whoever the connection is logged in as
         * @description A platform that has users may still lack this: then 422 `capability-unsupported`.
         *
         *     Needs the scope `read`.
         */
        get: operations["getCurrentUser"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}/users/{nativeId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove a user from the platform
         * @description A platform that has users may still lack this: then 422 `capability-unsupported`.
         *
         *     Needs the scope `write`.
         */
        delete: operations["deleteUser"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}/users:exists": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is a user name taken?
         * @description A platform that has users may still lack this: then 422 `capability-unsupported`.
         *
         *     Needs the scope `read`.
         */
        get: operations["userExists"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}/users:invite": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have the platform invite somebody
         * @description Which members a platform needs, it says; what it needs besides goes into `attributes`. A platform that has users may still lack this: then 422 `capability-unsupported`.
         *
         *     Needs the scope `write`.
         */
        post: operations["inviteUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}:discover": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Look for devices now
         * @description Needs the scope `write`.
         */
        post: operations["discoverConnection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}:pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop polling, streams and commands
         * @description Needs the scope `write`.
         */
        post: operations["pauseConnection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}:resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go on after a pause
         * @description Needs the scope `write`.
         */
        post: operations["resumeConnection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{connectionId}:test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try the stored settings and credentials
         * @description Needs the scope `write`.
         */
        post: operations["testConnection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections:test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try settings and credentials without storing them
         * @description Needs the scope `write`. Counts as 10 requests.
         */
        post: operations["testConnectionDraft"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/conservation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What became of every point that was received, minute by minute
         * @description For every connection and minute: received = stored + duplicate + corrected + superseded + parked + all of `dropped` + inFlight + missing. Counted at the hand-overs (platform to adapter, adapter to bus, bus to commit) by two services that know nothing of each other’s counts, and kept through every restart. `totals` are the sums of all minutes of the range, whatever the page. `state=unbalanced` lists what is missing, with the numbers of the points where they have any.
         *
         *     Needs the scope `read`. Counts as 2 requests.
         */
        get: operations["getConservation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Devices of all connections
         * @description Needs the scope `read`.
         */
        get: operations["listDevices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/devices/by-native/{connectionId}/{nativeId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The device that a platform calls by this id
         * @description Needs the scope `read`.
         */
        get: operations["getDeviceByNative"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/devices/{deviceId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One device
         * @description Needs the scope `read`.
         */
        get: operations["getDevice"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/devices/{deviceId}/attributes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Current properties of a device
         * @description Needs the scope `read`.
         */
        get: operations["listAttributes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change shared attributes on the platform
         * @description A merge patch of the attributes of scope `shared`; `null` removes one, where the platform can. If-Match is the ETag of the stored attributes.
         *
         *     Needs the scope `write`.
         */
        patch: operations["updateAttributes"];
        trace?: never;
    };
    "/v1/devices/{deviceId}/children": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Devices directly below a device
         * @description Needs the scope `read`.
         */
        get: operations["listChildren"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/devices/{deviceId}/command-descriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Orders that a device understands, with schemas of their parameters
         * @description Needs the scope `read`.
         */
        get: operations["describeCommands"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/devices/{deviceId}/commands": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Commands of one device, newest first
         * @description Needs the scope `read`.
         */
        get: operations["listDeviceCommands"];
        put?: never;
        /**
         * Order something of a device
         * @description The order is accepted, not carried out: follow it at its Location, or by its events. It is never sent after `expiresAt`, and never twice.
         *
         *     Needs the scope `command`.
         */
        post: operations["createCommand"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/devices/{deviceId}/coverage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which stretches of time are there, of a device
         * @description By the time that points carry. An interval is complete when its source was read for it and the conservation account has no point of it in flight, missing or parked; so an empty stretch that is complete is known to be empty. Time before anything was read is `missing` with the reason `never read, or kept no longer`; time after what was last read is `pending`, unless the connection is paused. Without `signal` an interval is complete when it is so for every signal.
         *
         *     Needs the scope `read`. Counts as 2 requests.
         */
        get: operations["getDeviceCoverage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/devices/{deviceId}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Files of one device
         * @description With `live=true` the platform is asked; then `from` and `to` (default: the last 30 days) and `limit` count, and no filter.
         *
         *     Needs the scope `read`.
         */
        get: operations["listDeviceFiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/devices/{deviceId}/files:download": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Several files of a device as one ZIP; a single one as the platform has it
         * @description Needs the scope `read`. Counts as 5 requests.
         */
        post: operations["downloadFiles"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/devices/{deviceId}/freshness": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How often something comes of a device, how old it is, and why nothing comes
         * @description The cadence is what the platform says, or what is learned from points that were the newest when they came. A device may be silent for one and three quarters of the usual interval, or one and a half of the slow ones, rounded up to whole rounds of its poll and at least two, and a second more; `freshness` in the settings of its connection says otherwise.
         *
         *     Needs the scope `read`.
         */
        get: operations["getDeviceFreshness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/devices/{deviceId}/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a device measures
         * @description Needs the scope `read`.
         */
        get: operations["listDeviceSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/devices/{deviceId}/telemetry:write": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send values to the platform in the name of a device
         * @description Where the platform takes them. They come back as telemetry like any other.
         *
         *     Needs the scope `write`.
         */
        post: operations["writeTelemetry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/devices/{deviceId}/tree": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A device and everything below it
         * @description Needs the scope `read`.
         */
        get: operations["getDeviceTree"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/entities:query": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Records of several connections, asked of their platforms with one question
         * @description What is asked is either named pair by pair (`sources`), or is every connection that has one of the `types`. All are asked at the same time; each evaluates what it can of the filter, the rest is evaluated here, and `meta.sources` says for each how it fared and what it has cost.
         *
         *     A source that does not answer makes the answer partial: `meta.complete` is false, and the cursor goes on with that source once it is back. Where none answers, or with `require` = `all` where one does not, the answer is a problem that names them. Asked with the same cursor, a page is read anew.
         *
         *     With `sort`, the records of all sources come in one order: what is absent first, then numbers, text by code points, false and true. A platform that cannot sort is named in a 422. A source that fails on the way is left out of the rest of that order.
         *
         *     A page may hold fewer items than `limit`, even none, while `nextCursor` says that there are more.
         *
         *     Needs the scope `read`. Counts as 10 requests.
         */
        post: operations["queryEntities"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events after a cursor, oldest first
         * @description Begins with the oldest event that is kept, at `since`, or after `cursor`. `nextCursor` is always there: ask again with it. The same cursors serve as Last-Event-ID of /v1/stream.
         *
         *     Needs the scope `read`.
         */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/{eventId}/lineage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where an event comes from, and what became of it
         * @description The event as the log has it; the requests or messages of the platform that brought it, without secrets; when it was received, published, taken and committed; what became of each of its points and what they replaced; parked messages; deliveries to subscribers. What is no longer kept is said in `gone`, and `complete` is false then.
         *
         *     Needs the scope `read`. Counts as 5 requests.
         */
        get: operations["getEventLineage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Files of all devices, as they were last listed
         * @description Needs the scope `read`.
         */
        get: operations["listFiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files/{fileId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is known of a file
         * @description Needs the scope `read`.
         */
        get: operations["getFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files/{fileId}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The bytes of a file
         * @description Needs the scope `read`. Counts as 5 requests.
         */
        get: operations["getFileContent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/freshness": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is silent, and why
         * @description Devices of which nothing comes although something is expected, each with the first link of the chain from its platform to us for which there is evidence that it is broken. Said as `device.stale` and `device.recovered` on the bus, once each. While the database is away, it is said on the bus alone, and stands here afterwards.
         *
         *     Needs the scope `read`.
         */
        get: operations["getFreshness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/parked-messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Messages that were set aside, newest first
         * @description Needs the scope `read`.
         */
        get: operations["listParkedMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/parked-messages/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is wrong with the messages that were set aside, the latest first
         * @description A group is one fault: the same reason and the same problems at the same places, of one platform and sort of event, whatever ids and numbers it came with. `filter=fingerprint eq "…"` lists its messages.
         *
         *     Needs the scope `read`. Counts as 2 requests.
         */
        get: operations["listParkedGroups"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/parked-messages/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Replays and discards of many messages, newest first
         * @description Needs the scope `read`.
         */
        get: operations["listParkedJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/parked-messages/jobs/{jobId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How far a job is
         * @description Needs the scope `read`.
         */
        get: operations["getParkedJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/parked-messages/jobs/{jobId}:cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Leave the rest of a job as it is
         * @description Needs the scope `admin`.
         */
        post: operations["cancelParkedJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/parked-messages/{messageId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One message with its reason and its payload
         * @description Needs the scope `read`.
         */
        get: operations["getParkedMessage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/parked-messages/{messageId}:discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a message up for good
         * @description Needs the scope `admin`.
         */
        post: operations["discardParkedMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/parked-messages/{messageId}:preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What would become of a message if it were replayed now
         * @description Needs the scope `read`.
         */
        post: operations["previewParkedMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/parked-messages/{messageId}:replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put a message through the intake again
         * @description It keeps its identity, so that nothing is stored twice. Where it does not fit again it stays parked with the new reason.
         *
         *     Needs the scope `admin`.
         */
        post: operations["replayParkedMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/parked-messages:discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give many messages up for good
         * @description Takes on what is parked now; a message is in one job at a time. Messages of one device are settled in the order in which they were parked. A job goes on after every restart. Their points are counted as discarded. Who did it, why and with how many is in the audit log.
         *
         *     Needs the scope `admin`.
         */
        post: operations["discardParkedMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/parked-messages:preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What would become of messages if they were replayed now
         * @description By the code that would replay them: the intake writes and takes back; an adapter reads an item as it reads such items today, without asking the platform. Looks at the fifty oldest of the selection.
         *
         *     Needs the scope `read`. Counts as 5 requests.
         */
        post: operations["previewParkedMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/parked-messages:replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put many messages through the intake again
         * @description Takes on what is parked now; a message is in one job at a time. Messages of one device are settled in the order in which they were parked. A job goes on after every restart. What does not fit again stays parked, with the new reason. With `dryRun` nothing is changed.
         *
         *     Needs the scope `admin`.
         */
        post: operations["replayParkedMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/platform-events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What platforms told of besides values, newest first
         * @description Entries of vendors’ own logs, such as a device that called in. Filter by `deviceId`, `connectionId`, `platform`, `name`, `ts` and `details.<name>`; `sort=ts` begins with the oldest.
         *
         *     `name eq "telemetry.gap"` lists telemetry that was missed and cannot be had any more: `details` has `from` and `to` (half-open), `reason`, `signal` or `space` where the gap is narrower than the device or the connection, and `filledWith` where aggregates stand in its place; `ts` is its beginning. Without `deviceId` it concerns every device of the connection, or of the space.
         *
         *     Needs the scope `read`.
         */
        get: operations["listPlatformEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/platforms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Platforms with their capabilities, limits and the schemas of their settings
         * @description Needs the scope `read`.
         */
        get: operations["listPlatforms"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/platforms/{platform}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One platform
         * @description Needs the scope `read`.
         */
        get: operations["getPlatform"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schemas/{type}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * JSON Schema of `data` of an event type; what `dataschema` of an event names
         * @description Needs no key.
         */
        get: operations["getDataSchema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schemas/{type}/event": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * JSON Schema of whole events of a type
         * @description Needs no key.
         */
        get: operations["getEventSchema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Series of all devices
         * @description Needs the scope `read`.
         */
        get: operations["listSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/series/{seriesId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One series
         * @description Needs the scope `read`.
         */
        get: operations["getSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/series/{seriesId}/coverage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which stretches of time are there, of a series
         * @description By the time that points carry. An interval is complete when its source was read for it and the conservation account has no point of it in flight, missing or parked; so an empty stretch that is complete is known to be empty. Time before anything was read is `missing` with the reason `never read, or kept no longer`; time after what was last read is `pending`, unless the connection is paused.
         *
         *     Needs the scope `read`. Counts as 2 requests.
         */
        get: operations["getSeriesCoverage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/series/{seriesId}/points": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Points of a series: raw, aggregated, or reduced for a plot
         * @description The range is half-open: [from, to). As `application/x-ndjson` or `text/csv` the whole range is streamed.
         *
         *     Buckets are those of the calendar in the zone: days, weeks (from Monday), months and years begin at midnight there, so that a day may have 23 or 25 hours; widths that divide the hour count real time, longer ones (PT6H) follow the clock on the wall. Of the first and the last bucket only what lies within the range counts.
         *
         *     - `count`: points of any type.
         *     - `avg`, `min`, `max`, `sum`: of the points that are numbers; null where none is. A series of text, of truth values or of JSON has nulls here.
         *     - `first`, `last`: values of the earliest and the latest point, of any type.
         *     - `delta`: the last number at or before the end of the bucket, less the last number at or before its begin. A number at the very end closes the bucket and opens the next one, also one at `to`; so deltas of days add up to the delta of their month.
         *     - `increase`: the same of a counter. Where the number falls, a reset is assumed and the new number counts from zero (nothing, if it is below zero). Never negative; increases add up too.
         *
         *     Before its first number a series stands at that number: what a counter showed when it was first read counts for nothing. Where no number came, `delta` and `increase` are 0 after the first number ever, null before it, and null in a bucket that begins later than now. What was used while nothing came is in the bucket of the next number. A correction counts as if the point had always had its new value: between two neighbours it moves an amount from one to the other, and the amount of both together stays. Numbers are binary floating point: sums agree but for its rounding. Points that were deleted when their retention ended are no longer known; the first number is the first one that is kept.
         *
         *     Needs the scope `read`. Counts as 2 requests.
         */
        get: operations["getPoints"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/series/{seriesId}/points/{ts}/lineage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The same of a stored value: by which event it stands here
         * @description The event as the log has it; the requests or messages of the platform that brought it, without secrets; when it was received, published, taken and committed; what became of each of its points and what they replaced; parked messages; deliveries to subscribers. What is no longer kept is said in `gone`, and `complete` is false then. `points` holds the one that was asked for.
         *
         *     Needs the scope `read`. Counts as 5 requests.
         */
        get: operations["getValueLineage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/series/{seriesId}/revisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Values that corrections have replaced
         * @description Needs the scope `read`.
         */
        get: operations["getRevisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Companies, locations, floor plans and groups
         * @description Needs the scope `read`.
         */
        get: operations["listSpaces"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces/tree": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Spaces of all connections, as they stand in each other
         * @description Needs the scope `read`.
         */
        get: operations["getSpaceForest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces/{spaceId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One space
         * @description Needs the scope `read`.
         */
        get: operations["getSpace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces/{spaceId}/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Devices in a space and in the spaces below it
         * @description A device without a space of its own stands where the device above it stands.
         *
         *     Needs the scope `read`.
         */
        get: operations["listSpaceDevices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces/{spaceId}/tree": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A space and everything that stands in it
         * @description Needs the scope `read`.
         */
        get: operations["getSpaceTree"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events as they happen (Server-Sent Events)
         * @description Begins with what is new, at `since`, or after `cursor` or `Last-Event-ID`. `id` is the cursor, `event` the name, `data` the CloudEvent. A comment every 15 seconds keeps the connection. An `id` without data says how far the log was looked at: at the beginning, and with such a comment. A cursor that is no longer kept gives one event `resync`, whose `id` is where the stream goes on, with what is new: read the current state anew.
         *
         *     Needs the scope `read`.
         */
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who is sent which events
         * @description Needs the scope `read`.
         */
        get: operations["listSubscriptions"];
        put?: never;
        /**
         * Have events sent to an address (webhook)
         * @description Deliveries are signed as Standard Webhooks has it, in order, at least once; an event that comes twice has the same `id`. They begin with what is new, after `cursor` or at `since`.
         *
         *     Needs the scope `admin`.
         */
        post: operations["createSubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{subscriptionId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One subscription, and how far it is
         * @description Needs the scope `read`.
         */
        get: operations["getSubscription"];
        put?: never;
        post?: never;
        /**
         * Send nothing more, and forget the deliveries
         * @description Needs the scope `admin`.
         */
        delete: operations["deleteSubscription"];
        options?: never;
        head?: never;
        /**
         * Change address, events, batches or headers
         * @description A merge patch (RFC 7396). Headers are replaced as a whole. Another address is tried at once.
         *
         *     Needs the scope `admin`.
         */
        patch: operations["updateSubscription"];
        trace?: never;
    };
    "/v1/subscriptions/{subscriptionId}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was sent and what waits, newest first, with every attempt
         * @description Needs the scope `read`.
         */
        get: operations["listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{subscriptionId}/deliveries/{deliveryId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One delivery with its attempts
         * @description Needs the scope `read`.
         */
        get: operations["getDelivery"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{subscriptionId}/deliveries/{deliveryId}:retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a pending delivery now, not when its pause is over
         * @description With all that wait before it: deliveries keep their order. Failures are counted anew.
         *
         *     Needs the scope `admin`.
         */
        post: operations["retryDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{subscriptionId}:pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send nothing for now; what comes is kept as long as the event log keeps it
         * @description Needs the scope `admin`.
         */
        post: operations["pauseSubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{subscriptionId}:replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin anew after a cursor, or at a time
         * @description Back, to be sent events again; forward, to pass by what is never taken. What is pending is given up: it comes again, or was passed by.
         *
         *     Needs the scope `admin`.
         */
        post: operations["replaySubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{subscriptionId}:resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go on where it stopped, after a pause or a suspension
         * @description Needs the scope `admin`.
         */
        post: operations["resumeSubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{subscriptionId}:rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A new secret; the one before signs beside it for a while
         * @description Needs the scope `admin`.
         */
        post: operations["rotateSubscriptionSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{subscriptionId}:test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send one signed test event now, and say what happened
         * @description In any state of the subscription. It is not in the list of deliveries, and counts for nothing.
         *
         *     Needs the scope `admin`.
         */
        post: operations["testSubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/telemetry/latest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Newest values
         * @description Of the whole workspace, across all platforms, or of what the parameters name; a value has to fit all of them. `observedAt` is when we learned of the value, `ts` the source’s own time. What names nothing that is there finds nothing.
         *
         *     Needs the scope `read`.
         */
        get: operations["getLatest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/telemetry:query": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Many series at once, in aligned buckets
         * @description Series are named by id, or selected by device or connection, with the signals wanted; each that is asked for is answered, in the order of asking, or named in the problem. At most 200 series, and 100000 buckets times series; as `application/x-ndjson` or `text/csv`, which are streamed, 5000000, in at most 100000 buckets.
         *
         *     JSON is by columns: `series[s].values[fn][i]` belongs to `buckets[i]`. NDJSON has a line for each bucket, `{ from, to, values: { ser_1: { avg: 1 } } }`; CSV a row for each bucket and a column `ser_1.avg` for each series and function. An answer that breaks off is not complete.
         *
         *     Buckets are those of the calendar in the zone: days, weeks (from Monday), months and years begin at midnight there, so that a day may have 23 or 25 hours; widths that divide the hour count real time, longer ones (PT6H) follow the clock on the wall. Of the first and the last bucket only what lies within the range counts.
         *
         *     - `count`: points of any type.
         *     - `avg`, `min`, `max`, `sum`: of the points that are numbers; null where none is. A series of text, of truth values or of JSON has nulls here.
         *     - `first`, `last`: values of the earliest and the latest point, of any type.
         *     - `delta`: the last number at or before the end of the bucket, less the last number at or before its begin. A number at the very end closes the bucket and opens the next one, also one at `to`; so deltas of days add up to the delta of their month.
         *     - `increase`: the same of a counter. Where the number falls, a reset is assumed and the new number counts from zero (nothing, if it is below zero). Never negative; increases add up too.
         *
         *     Before its first number a series stands at that number: what a counter showed when it was first read counts for nothing. Where no number came, `delta` and `increase` are 0 after the first number ever, null before it, and null in a bucket that begins later than now. What was used while nothing came is in the bucket of the next number. A correction counts as if the point had always had its new value: between two neighbours it moves an amount from one to the other, and the amount of both together stays. Numbers are binary floating point: sums agree but for its rounding. Points that were deleted when their retention ended are no longer known; the first number is the first one that is kept.
         *
         *     `fill` says what stands in a bucket in which a series has no point; one that has points is never filled.
         *
         *     - `null` (default): null; every bucket of the range is there.
         *     - `none`: null; a bucket in which no series has a point, and none changes, is left out.
         *     - `previous`: the last value before the bucket, also one before the range, as if it had stood still: `first` and `last` are it, `avg`, `min` and `max` too where it is a number. Not in buckets that begin later than now.
         *     - `linear`: the straight line between the last number before the bucket and the first one after it, also outside the range: `first` where the bucket begins, `last` where it ends, `avg` in the middle, `min` and `max` the lesser and the greater end. Null where one of the two is missing.
         *     - `0`: zero in place of every null.
         *
         *     `count` is 0 there, and `delta` and `increase` are known, whatever `fill` says; a `sum` is an amount and is never carried on, only `0` fills it.
         *
         *     Needs the scope `read`. Counts as 10 requests.
         */
        post: operations["queryTelemetry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @example {
         *       "type": "/docs/problems/invalid-request",
         *       "title": "The request is not valid",
         *       "status": 400,
         *       "code": "invalid-request",
         *       "detail": "One member of the request is not valid.",
         *       "retryable": false,
         *       "traceId": "0af7651916cd43dd8448eb211c80319c",
         *       "errors": [
         *         {
         *           "pointer": "/query/limit",
         *           "detail": "expected a whole number"
         *         }
         *       ]
         *     }
         */
        Problem: {
            type: string;
            title: string;
            status: number;
            code: string;
            detail?: string;
            retryable: boolean;
            traceId?: string;
            errors?: {
                pointer: string;
                detail: string;
            }[];
            platform?: {
                platform: string;
                connectionId: string;
                status?: number;
                code?: string;
            };
            sources?: {
                connectionId: string;
                platform: string;
                type?: string;
                /** @enum {string} */
                status: "ok" | "stale" | "unavailable";
                ageMs?: number;
                code?: string;
                detail?: string;
            }[];
        };
        /**
         * @example {
         *       "id": "key_gggggggggggggggggggggggggg",
         *       "name": "Reporting",
         *       "scopes": [
         *         "read"
         *       ],
         *       "createdAt": "2026-03-29T01:00:00.000Z"
         *     }
         */
        ApiKey: {
            id: string;
            name: string;
            scopes: ("read" | "write" | "command" | "admin")[];
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt?: string;
            /** Format: date-time */
            lastUsedAt?: string;
            /** Format: date-time */
            revokedAt?: string;
            /** Format: date-time */
            rotatedAt?: string;
            /** Format: date-time */
            previousValidUntil?: string;
        };
        Json: JsonValue;
        BackfillDraft: {
            connectionId: string;
            devices?: string[];
            filter?: string;
            signals?: string[];
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            to: string;
            /** @default true */
            onlyGaps?: boolean;
        };
        Backfill: {
            id: string;
            connectionId: string;
            /** @enum {string} */
            kind: "asked" | "repair";
            /** @enum {string} */
            state: "planned" | "running" | "completed" | "cancelled" | "failed";
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            to: string;
            devices?: string[];
            filter?: string;
            signals?: string[];
            onlyGaps: boolean;
            askedBy?: string;
            parts: components["schemas"]["BackfillPartCounts"];
            points: number;
            calls: number;
            percent: number;
            estimate: {
                calls: number;
                duration: string;
            };
            remaining?: {
                calls: number;
                duration: string;
            };
            reason?: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            startedAt?: string;
            /** Format: date-time */
            endedAt?: string;
            /** Format: date-time */
            updatedAt: string;
        };
        BackfillPartCounts: {
            total: number;
            waiting: number;
            running: number;
            done: number;
            unrecoverable: number;
            cancelled: number;
        };
        BackfillPart: {
            number: number;
            deviceId?: string;
            signals?: string[];
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            to: string;
            /** @enum {string} */
            state: "waiting" | "running" | "done" | "unrecoverable" | "cancelled";
            attempts: number;
            /** Format: date-time */
            nextTryAt?: string;
            points: number;
            calls: number;
            estimatedCalls: number;
            reason?: string;
        };
        BackfillEstimate: {
            calls: number;
            duration: string;
            connectionId: string;
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            to: string;
            devices: number;
            parts: number;
            gaps: {
                deviceId: string;
                /** Format: date-time */
                from: string;
                /** Format: date-time */
                to: string;
            }[];
            gapCount: number;
            computed: string;
            unavailable: {
                deviceId: string;
                /** Format: date-time */
                from: string;
                /** Format: date-time */
                to: string;
                reason: string;
            }[];
        };
        /**
         * @example {
         *       "id": "cmd_dddddddddddddddddddddddddd",
         *       "deviceId": "dev_bbbbbbbbbbbbbbbbbbbbbbbbbb",
         *       "connectionId": "con_aaaaaaaaaaaaaaaaaaaaaaaaaa",
         *       "name": "restart",
         *       "params": {},
         *       "state": "dispatched",
         *       "expiresAt": "2026-03-29T01:15:00.000Z",
         *       "createdAt": "2026-03-29T01:00:00.000Z",
         *       "updatedAt": "2026-03-29T01:00:00.000Z",
         *       "transitions": [
         *         {
         *           "state": "dispatched",
         *           "at": "2026-03-29T01:00:00.000Z",
         *           "evidence": {
         *             "kind": "adapter",
         *             "detail": "sent to the platform",
         *             "observedAt": "2026-03-29T01:00:00.000Z"
         *           }
         *         }
         *       ]
         *     }
         */
        Command: {
            id: string;
            deviceId: string;
            connectionId: string;
            name: string;
            params: {
                [key: string]: components["schemas"]["Json"];
            };
            /** @enum {string} */
            state: "accepted" | "dispatched" | "acknowledged" | "queued" | "delivered" | "confirmed" | "rejected" | "failed" | "expired" | "cancelled" | "unknown";
            /** Format: date-time */
            expiresAt: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            error?: components["schemas"]["PlatformFailure"];
            transitions: components["schemas"]["Transition"][];
        };
        PlatformFailure: {
            /** @enum {string} */
            code: "authentication" | "permission-denied" | "not-found" | "invalid-request" | "conflict" | "rate-limited" | "unavailable" | "timeout" | "malformed-response" | "unsupported";
            message: string;
            retryAfterMs?: number;
            platformStatus?: number;
            platformCode?: string;
        };
        Transition: {
            /** @enum {string} */
            state: "accepted" | "dispatched" | "acknowledged" | "queued" | "delivered" | "confirmed" | "rejected" | "failed" | "expired" | "cancelled" | "unknown";
            /** Format: date-time */
            at: string;
            evidence: components["schemas"]["Evidence"];
            error?: components["schemas"]["PlatformFailure"];
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
        /**
         * @example {
         *       "id": "con_aaaaaaaaaaaaaaaaaaaaaaaaaa",
         *       "platform": "acme",
         *       "name": "Head office",
         *       "settings": {
         *         "baseUrl": "https://acme.example"
         *       },
         *       "credentials": {
         *         "fingerprint": "q3Zx0dJm",
         *         "updatedAt": "2026-03-29T01:00:00.000Z"
         *       },
         *       "paused": false,
         *       "status": "connected",
         *       "statusSince": "2026-03-29T01:00:00.000Z",
         *       "createdAt": "2026-03-29T01:00:00.000Z",
         *       "updatedAt": "2026-03-29T01:00:00.000Z"
         *     }
         */
        Connection: {
            id: string;
            platform: string;
            name: string;
            settings: {
                [key: string]: components["schemas"]["Json"];
            };
            credentials: {
                fingerprint: string;
                /** Format: date-time */
                updatedAt: string;
            };
            paused: boolean;
            /** @enum {string} */
            status: "unknown" | "connected" | "degraded" | "unauthorized" | "paused" | "removed";
            /** Format: date-time */
            statusSince?: string;
            statusReason?: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        ConnectionDraft: {
            platform: string;
            name: string;
            /** @default {} */
            settings?: {
                [key: string]: components["schemas"]["Json"];
            };
            /** @default {} */
            credentials?: {
                [key: string]: string;
            };
        };
        BudgetReport: {
            budgets: {
                name: string;
                unit: string;
                limit: number;
                platformLimit?: number;
                reducedTo?: number;
                windowMs: number;
                spent: number;
                left: number;
                byLane: {
                    [key: string]: number;
                };
                reserved?: {
                    [key: string]: number;
                };
                documented: boolean;
                platformReported?: {
                    [key: string]: components["schemas"]["Json"];
                };
                /** Format: date-time */
                heldUntil?: string;
            }[];
            stale?: boolean;
            /** Format: date-time */
            observedAt?: string;
            ageMs?: number;
        };
        Checkpoint: {
            name: string;
            value: {
                [key: string]: components["schemas"]["Json"];
            };
            version: number;
            epoch: number;
            /** Format: date-time */
            updatedAt: string;
        };
        ConservationCounts: {
            received: number;
            stored: number;
            duplicate: number;
            corrected: number;
            superseded: number;
            parked: number;
            dropped: {
                [key: string]: number;
            };
            inFlight: number;
            missing: number;
        };
        ConservationMinute: {
            received: number;
            stored: number;
            duplicate: number;
            corrected: number;
            superseded: number;
            parked: number;
            dropped: {
                [key: string]: number;
            };
            inFlight: number;
            missing: number;
            connectionId: string;
            /** Format: date-time */
            minute: string;
            /** @enum {string} */
            state: "balanced" | "open" | "unbalanced";
            redelivered: number;
            holes: components["schemas"]["ConservationHole"][];
        };
        ConservationHole: {
            run: string;
            first: number;
            points: number;
        };
        CoverageSummary: {
            deviceId: string;
            nativeId: string;
            name: string;
            complete: boolean;
            completeShare: number;
            /** Format: date-time */
            firstComplete?: string;
            /** Format: date-time */
            lastComplete?: string;
            missingSeconds: number;
            unrecoverableSeconds: number;
            oldestHole?: components["schemas"]["CoverageInterval"];
        };
        CoverageInterval: {
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            to: string;
            /** @enum {string} */
            state: "complete" | "partial" | "pending" | "missing" | "unrecoverable";
            source?: string;
            run?: string;
            reason?: string;
            /** Format: date-time */
            statedAt?: string;
        };
        /**
         * @example {
         *       "type": "room",
         *       "nativeId": "64f1c0ffee0ddba11ca5cade",
         *       "etag": "\"7\"",
         *       "name": "Boiler room",
         *       "attributes": {
         *         "name": "Boiler room",
         *         "floor": -1
         *       }
         *     }
         */
        Entity: {
            type: string;
            nativeId: string;
            etag: string;
            name?: string;
            attributes: {
                [key: string]: components["schemas"]["Json"];
            };
        };
        EntityDraft: {
            attributes: {
                [key: string]: components["schemas"]["Json"];
            };
        };
        RelationDraft: {
            targets: string[];
        };
        /**
         * @example {
         *       "name": "room",
         *       "schema": {
         *         "type": "object",
         *         "properties": {
         *           "name": {
         *             "type": "string"
         *           },
         *           "floor": {
         *             "type": "integer"
         *           }
         *         }
         *       },
         *       "readOnly": false
         *     }
         */
        EntityType: {
            name: string;
            description?: string;
            schema: {
                [key: string]: components["schemas"]["Json"];
            };
            readOnly: boolean;
            operations?: ("create" | "update" | "remove" | "relate")[];
            relations?: {
                name: string;
                targetTypes: string[];
                many: boolean;
            }[];
        };
        UploadedFile: {
            nativeId: string;
            name: string;
            mediaType?: string;
            sizeBytes?: number;
        };
        GraphqlRequest: {
            query: string;
            variables?: {
                [key: string]: components["schemas"]["Json"];
            };
            operationName?: string;
        };
        GraphqlAnswer: {
            data?: components["schemas"]["Json"];
            errors?: components["schemas"]["Json"][];
            extensions?: components["schemas"]["Json"];
        };
        ConnectionHealth: {
            connectionId: string;
            /** @enum {string} */
            status: "unknown" | "connected" | "degraded" | "unauthorized" | "paused" | "removed";
            owner?: {
                replica: string;
                epoch: number;
                /** Format: date-time */
                leasedUntil: string;
            };
            breakers: {
                /** @enum {string} */
                class: "auth" | "read" | "command" | "bulk";
                /** @enum {string} */
                state: "closed" | "open" | "half-open";
                /** Format: date-time */
                since: string;
                failures: number;
                /** Format: date-time */
                retryAt?: string;
                code?: string;
            }[];
            /** Format: date-time */
            lastSuccessAt?: string;
            lastError?: {
                /** @enum {string} */
                code: "authentication" | "permission-denied" | "not-found" | "invalid-request" | "conflict" | "rate-limited" | "unavailable" | "timeout" | "malformed-response" | "unsupported";
                message: string;
                retryAfterMs?: number;
                platformStatus?: number;
                platformCode?: string;
                /** Format: date-time */
                at: string;
            };
            setAside: number;
            reason?: string;
            limitations?: string[];
            /** Format: date-time */
            observedAt: string;
            ageMs: number;
            stale: boolean;
            replicas: components["schemas"]["KeptBreaker"][];
            history: components["schemas"]["ConnectionChange"][];
        };
        KeptBreaker: {
            /** @enum {string} */
            class: "auth" | "read" | "command" | "bulk";
            /** @enum {string} */
            state: "closed" | "open" | "half-open";
            /** Format: date-time */
            since: string;
            failures: number;
            /** Format: date-time */
            retryAt?: string;
            code?: string;
            /** @enum {string} */
            service: "adapter" | "api";
            replica: string;
            /** Format: date-time */
            seenAt: string;
        };
        ConnectionChange: {
            id: string;
            /** @enum {string} */
            kind: "status" | "breaker";
            /** Format: date-time */
            at: string;
            /** Format: date-time */
            lastAt?: string;
            times?: number;
            from?: string;
            to: string;
            durationMs?: number;
            /** @enum {string} */
            class?: "auth" | "read" | "command" | "bulk";
            /** @enum {string} */
            service?: "adapter" | "api";
            replica?: string;
            code?: string;
            failures?: number;
            reason?: string;
        };
        /**
         * @example {
         *       "nativeId": "42",
         *       "username": "ada",
         *       "email": "ada@example.com",
         *       "attributes": {}
         *     }
         */
        PlatformUser: {
            nativeId: string;
            username: string;
            email?: string;
            displayName?: string;
            active?: boolean;
            /** @default {} */
            attributes: {
                [key: string]: components["schemas"]["Json"];
            };
        };
        PlatformUserDraft: {
            username?: string;
            /** Format: email */
            email?: string;
            displayName?: string;
            /** @default {} */
            attributes?: {
                [key: string]: components["schemas"]["Json"];
            };
        };
        /**
         * @example {
         *       "ok": true,
         *       "checks": [
         *         {
         *           "name": "log in",
         *           "ok": true
         *         }
         *       ]
         *     }
         */
        ConnectionCheck: {
            ok: boolean;
            checks: {
                name: string;
                ok: boolean;
                detail?: string;
                error?: components["schemas"]["PlatformFailure"];
            }[];
        };
        /**
         * @example {
         *       "id": "dev_bbbbbbbbbbbbbbbbbbbbbbbbbb",
         *       "connectionId": "con_aaaaaaaaaaaaaaaaaaaaaaaaaa",
         *       "platform": "acme",
         *       "nativeId": "boiler-7",
         *       "name": "Boiler 7",
         *       "kind": "boiler",
         *       "spaceId": "spc_cccccccccccccccccccccccccc",
         *       "properties": {
         *         "maker": "Example Works"
         *       },
         *       "state": "known",
         *       "firstSeenAt": "2026-03-29T01:00:00.000Z",
         *       "lastSeenAt": "2026-03-29T01:00:00.000Z",
         *       "updatedAt": "2026-03-29T01:00:00.000Z"
         *     }
         */
        Device: {
            id: string;
            connectionId: string;
            platform: string;
            nativeId: string;
            name: string;
            kind?: string;
            label?: string;
            description?: string;
            serial?: string;
            parentId?: string;
            spaceId?: string;
            properties: {
                [key: string]: components["schemas"]["Json"];
            };
            /** @enum {string} */
            state: "known" | "removed" | "unconfirmed";
            /** Format: date-time */
            firstSeenAt: string;
            /** Format: date-time */
            lastSeenAt?: string;
            /** Format: date-time */
            observedAt?: string;
            ageMs?: number;
            staleAfterMs?: number;
            stale?: boolean;
            /** Format: date-time */
            updatedAt: string;
        };
        StoredMeta: {
            complete: boolean;
            sources: components["schemas"]["StoredSource"][];
        };
        StoredSource: {
            connectionId: string;
            platform: string;
            /** @enum {string} */
            status: "ok" | "stale" | "unavailable";
            /** Format: date-time */
            observedAt?: string;
            ageMs?: number;
            reason?: string;
        };
        /**
         * @example {
         *       "name": "restart",
         *       "description": "Starts the device anew.",
         *       "params": {
         *         "type": "object",
         *         "properties": {
         *           "delaySeconds": {
         *             "type": "integer",
         *             "minimum": 0
         *           }
         *         }
         *       },
         *       "idempotent": false,
         *       "evidence": [
         *         "acknowledged"
         *       ]
         *     }
         */
        CommandDescription: {
            name: string;
            description: string;
            params: {
                [key: string]: components["schemas"]["Json"];
            };
            idempotent: boolean;
            evidence: ("accepted" | "dispatched" | "acknowledged" | "queued" | "delivered" | "confirmed" | "rejected" | "failed" | "expired" | "cancelled" | "unknown")[];
        };
        CommandDraft: {
            name: string;
            /** @default {} */
            params?: {
                [key: string]: components["schemas"]["Json"];
            };
            /** Format: date-time */
            expiresAt?: string;
        };
        DeviceCoverage: {
            connectionId: string;
            deviceId: string;
            signal?: string;
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            to: string;
            complete: boolean;
            completeShare: number;
            /** Format: date-time */
            firstComplete?: string;
            /** Format: date-time */
            lastComplete?: string;
            intervals: components["schemas"]["CoverageInterval"][];
        };
        /**
         * @example {
         *       "id": "fil_eeeeeeeeeeeeeeeeeeeeeeeeee",
         *       "deviceId": "dev_bbbbbbbbbbbbbbbbbbbbbbbbbb",
         *       "name": "2026-03-29.osf",
         *       "location": "platform",
         *       "sizeBytes": 1048576
         *     }
         */
        File: {
            id: string;
            deviceId: string;
            name: string;
            /** @enum {string} */
            location: "device" | "requested" | "platform" | "both";
            sizeBytes?: number;
            /** Format: date-time */
            from?: string;
            /** Format: date-time */
            to?: string;
            tag?: string;
        };
        /**
         * @example {
         *       "id": "ser_1",
         *       "deviceId": "dev_bbbbbbbbbbbbbbbbbbbbbbbbbb",
         *       "signal": "power.watt",
         *       "unit": "W",
         *       "valueType": "number",
         *       "firstTs": "2026-03-29T01:00:00.000Z",
         *       "lastTs": "2026-03-29T01:00:00.000Z"
         *     }
         */
        Series: {
            id: string;
            deviceId: string;
            signal: string;
            unit?: string;
            /** @enum {string} */
            valueType: "number" | "boolean" | "string" | "json";
            /** Format: date-time */
            firstTs?: string;
            /** Format: date-time */
            lastTs?: string;
            /** Format: date-time */
            observedAt?: string;
            ageMs?: number;
            staleAfterMs?: number;
            stale?: boolean;
        };
        EntityQuestion: {
            sources?: {
                connectionId: string;
                type: string;
            }[];
            types?: string[];
            connections?: string[];
            platforms?: string[];
            filter?: string;
            sort?: string;
            /** @default 50 */
            limit?: number;
            cursor?: string;
            /**
             * @default any
             * @enum {string}
             */
            require?: "any" | "all";
        };
        FoundEntity: {
            connectionId: string;
            platform: string;
            type: string;
            nativeId: string;
            etag: string;
            name?: string;
            attributes: {
                [key: string]: components["schemas"]["Json"];
            };
        };
        EntitySource: {
            connectionId: string;
            platform: string;
            type: string;
            /** @enum {string} */
            status: "ok" | "stale" | "unavailable";
            /** Format: date-time */
            observedAt?: string;
            ageMs?: number;
            pushed?: string;
            evaluatedHere?: string;
            vendorCalls?: number;
            items: number;
            more: boolean;
            problem?: components["schemas"]["Problem"];
        };
        LoggedEvent: {
            cursor: string;
            event: {
                [key: string]: unknown;
            };
        };
        Lineage: {
            /** Format: uuid */
            eventId?: string;
            complete: boolean;
            gone: {
                /** @enum {string} */
                what: "log" | "via" | "commit" | "series";
                reason: string;
            }[];
            event?: {
                type: string;
                source: string;
                subject: string;
                platform: string;
                connectionId?: string;
                deviceId?: string;
                /** @enum {string} */
                origin: "live" | "poll" | "backfill" | "replay" | "import";
                /** Format: date-time */
                time: string;
                rev?: string;
                run?: {
                    id: string;
                    first: number;
                    confirmed: number;
                };
                cursor: string;
                routingKey: string;
                bytes: number;
            };
            traceId?: string;
            via?: components["schemas"]["Via"];
            times: components["schemas"]["LineageTimes"];
            points: components["schemas"]["LineagePoint"][];
            parked: {
                id: string;
                reason: string;
                /** @enum {string} */
                state: "parked" | "replayed" | "discarded";
                /** Format: date-time */
                parkedAt: string;
            }[];
            deliveries: components["schemas"]["LineageDelivery"][];
        };
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
        LineageTimes: {
            observed?: {
                /** Format: date-time */
                from: string;
                /** Format: date-time */
                to: string;
            };
            /** Format: date-time */
            requested?: string;
            /** Format: date-time */
            received?: string;
            /** Format: date-time */
            published?: string;
            /** Format: date-time */
            confirmedBy?: string;
            /** Format: date-time */
            sealed?: string;
            /** Format: date-time */
            committed?: string;
        };
        LineagePoint: {
            seriesId?: string;
            signal: string;
            /** Format: date-time */
            ts: string;
            value: components["schemas"]["Json"];
            unit?: string;
            rev: string;
            /** @enum {string} */
            state: "stored" | "corrected" | "duplicate" | "superseded" | "absent";
            /** Format: date-time */
            committedAt?: string;
            replaced: {
                rev?: string;
                value: components["schemas"]["Json"];
            }[];
            supersededBy?: {
                rev?: string;
                value: components["schemas"]["Json"];
            };
            standsBy?: string;
        };
        LineageDelivery: {
            id: string;
            subscriptionId: string;
            /** @enum {string} */
            state: "pending" | "delivered" | "abandoned";
            /** Format: date-time */
            plannedAt: string;
            /** Format: date-time */
            finishedAt?: string;
            attempts: number;
            status?: number;
            durationMs?: number;
        };
        /**
         * @example {
         *       "id": "prk_ffffffffffffffffffffffffff",
         *       "workspace": "default",
         *       "queue": "tributary.ingest.telemetry",
         *       "routingKey": "default.telemetry.observed.acme.con_x.dev_x",
         *       "reason": "schema",
         *       "problems": [
         *         {
         *           "path": "/data/points/0/ts",
         *           "problem": "Invalid ISO datetime"
         *         }
         *       ],
         *       "parkedAt": "2026-03-29T01:00:00.000Z",
         *       "replays": 0,
         *       "state": "parked",
         *       "payload": "{\"points\":[{\"signal\":\"power.watt\",\"ts\":\"yesterday\",\"value\":12.5}]}"
         *     }
         */
        ParkedMessage: {
            id: string;
            workspace?: string;
            queue: string;
            routingKey: string;
            reason: string;
            problems: {
                path: string;
                problem: string;
            }[];
            eventId?: string;
            /** Format: date-time */
            parkedAt: string;
            replays: number;
            /** @enum {string} */
            state: "parked" | "replayed" | "discarded";
            payload: string;
            /** @enum {string} */
            kind?: "message" | "item";
            fingerprint?: string;
            platform?: string;
            area?: string;
            connectionId?: string;
            deviceId?: string;
            redacted?: boolean;
            headers?: {
                [key: string]: unknown;
            };
            times?: number;
            /** Format: date-time */
            lastParkedAt?: string;
            verdict?: components["schemas"]["ParkVerdict"];
            discardReason?: string;
            settledBy?: string;
            jobId?: string;
        };
        /**
         * @example {
         *       "fits": "wholly",
         *       "points": {
         *         "stored": 1,
         *         "duplicate": 0,
         *         "corrected": 0,
         *         "superseded": 0,
         *         "dropped": 0,
         *         "parked": 0
         *       },
         *       "problems": []
         *     }
         */
        ParkVerdict: {
            /** @enum {string} */
            fits: "wholly" | "partly" | "not";
            points: {
                stored: number;
                duplicate: number;
                corrected: number;
                superseded: number;
                dropped: number;
                parked: number;
            };
            /** @enum {string} */
            effect?: "applied" | "stale" | "unknown-connection" | "not-kept";
            /** @enum {string} */
            reason?: "oversize" | "encoding" | "json" | "schema" | "wrong-queue" | "mismatch" | "out-of-time" | "refused-by-database" | "crashes-decoder" | "delivery-limit" | "unknown-replay" | "unreadable-item" | "refused-point";
            problems: {
                path: string;
                problem: string;
            }[];
        };
        /**
         * @example {
         *       "fingerprint": "fpr_ffffffffffffffffffffffffff",
         *       "kind": "message",
         *       "reason": "schema",
         *       "platform": "acme",
         *       "area": "telemetry",
         *       "count": 12,
         *       "states": {
         *         "parked": 12,
         *         "replayed": 0,
         *         "discarded": 0
         *       },
         *       "firstAt": "2026-03-29T01:00:00.000Z",
         *       "lastAt": "2026-03-29T01:00:00.000Z",
         *       "connections": {
         *         "count": 1,
         *         "ids": [
         *           "con_aaaaaaaaaaaaaaaaaaaaaaaaaa"
         *         ]
         *       },
         *       "devices": 3,
         *       "example": {
         *         "id": "prk_ffffffffffffffffffffffffff",
         *         "problems": [
         *           {
         *             "path": "/data/points/0/ts",
         *             "problem": "Invalid ISO datetime"
         *           }
         *         ]
         *       }
         *     }
         */
        ParkedGroup: {
            fingerprint: string;
            /** @enum {string} */
            kind: "message" | "item";
            reason: string;
            platform?: string;
            area?: string;
            count: number;
            states: {
                parked: number;
                replayed: number;
                discarded: number;
            };
            /** Format: date-time */
            firstAt: string;
            /** Format: date-time */
            lastAt: string;
            connections: {
                count: number;
                ids: string[];
            };
            devices: number;
            example: {
                id: string;
                problems: {
                    path: string;
                    problem: string;
                }[];
            };
        };
        /**
         * @example {
         *       "id": "pjb_gggggggggggggggggggggggggg",
         *       "kind": "replay",
         *       "state": "running",
         *       "selection": {
         *         "fingerprint": "fpr_ffffffffffffffffffffffffff"
         *       },
         *       "actor": "key_gggggggggggggggggggggggggg",
         *       "total": 12,
         *       "done": 4,
         *       "replayed": 3,
         *       "stillParked": 1,
         *       "discarded": 0,
         *       "skipped": 0,
         *       "points": {
         *         "stored": 3,
         *         "parked": 1
         *       },
         *       "createdAt": "2026-03-29T01:00:00.000Z",
         *       "updatedAt": "2026-03-29T01:00:00.000Z"
         *     }
         */
        ParkedJob: {
            id: string;
            /** @enum {string} */
            kind: "replay" | "rehearsal" | "discard";
            /** @enum {string} */
            state: "running" | "completed" | "cancelled";
            selection: {
                [key: string]: unknown;
            };
            reason?: string;
            actor: string;
            total: number;
            done: number;
            replayed: number;
            stillParked: number;
            discarded: number;
            skipped: number;
            points: {
                stored?: number;
                duplicate?: number;
                corrected?: number;
                superseded?: number;
                dropped?: number;
                parked?: number;
            };
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            /** Format: date-time */
            finishedAt?: string;
        };
        /**
         * @example {
         *       "wholly": 1,
         *       "partly": 0,
         *       "not": 0,
         *       "points": {
         *         "stored": 1,
         *         "duplicate": 0,
         *         "corrected": 0,
         *         "superseded": 0,
         *         "dropped": 0,
         *         "parked": 0
         *       },
         *       "messages": [
         *         {
         *           "id": "prk_ffffffffffffffffffffffffff",
         *           "verdict": {
         *             "fits": "wholly",
         *             "points": {
         *               "stored": 1,
         *               "duplicate": 0,
         *               "corrected": 0,
         *               "superseded": 0,
         *               "dropped": 0,
         *               "parked": 0
         *             },
         *             "problems": []
         *           }
         *         }
         *       ],
         *       "more": false
         *     }
         */
        ParkedPreview: {
            wholly: number;
            partly: number;
            not: number;
            points: {
                stored: number;
                duplicate: number;
                corrected: number;
                superseded: number;
                dropped: number;
                parked: number;
            };
            messages: {
                id: string;
                verdict: components["schemas"]["ParkVerdict"];
            }[];
            more: boolean;
        };
        /**
         * @example {
         *       "id": "019d3c5e-7a00-7000-8000-000000000000",
         *       "platform": "acme",
         *       "connectionId": "con_aaaaaaaaaaaaaaaaaaaaaaaaaa",
         *       "deviceId": "dev_bbbbbbbbbbbbbbbbbbbbbbbbbb",
         *       "name": "device.ping",
         *       "ts": "2026-03-29T01:00:00.000Z",
         *       "details": {
         *         "rssi": -70
         *       }
         *     }
         */
        PlatformEvent: {
            /** Format: uuid */
            id: string;
            platform: string;
            connectionId: string;
            deviceId?: string;
            name: string;
            /** Format: date-time */
            ts: string;
            details: {
                [key: string]: components["schemas"]["Json"];
            };
        };
        /**
         * @example {
         *       "id": "acme",
         *       "displayName": "Acme",
         *       "capabilities": [
         *         "devices",
         *         "telemetry.poll",
         *         "commands"
         *       ],
         *       "budgets": [],
         *       "settingsSchema": {
         *         "type": "object",
         *         "properties": {
         *           "baseUrl": {
         *             "type": "string",
         *             "format": "uri"
         *           }
         *         },
         *         "required": [
         *           "baseUrl"
         *         ]
         *       },
         *       "credentialsSchema": {
         *         "type": "object",
         *         "properties": {
         *           "user": {
         *             "type": "string"
         *           },
         *           "password": {
         *             "type": "string"
         *           }
         *         }
         *       },
         *       "updatedAt": "2026-03-29T01:00:00.000Z"
         *     }
         */
        Platform: {
            id: string;
            displayName: string;
            capabilities: ("devices" | "telemetry.poll" | "telemetry.history" | "telemetry.stream" | "telemetry.write" | "attributes.read" | "attributes.write" | "commands" | "entities.read" | "entities.write" | "entities.relations" | "files.list" | "files.request" | "files.content" | "files.upload" | "users" | "login" | "platform-events" | "graphql")[];
            budgets: {
                name: string;
                limit: number;
                per: string;
                /** @default requests */
                unit: string;
                documented: boolean;
            }[];
            settingsSchema: {
                [key: string]: components["schemas"]["Json"];
            };
            credentialsSchema: {
                [key: string]: components["schemas"]["Json"];
            };
            /** Format: date-time */
            updatedAt: string;
        };
        SeriesCoverage: {
            connectionId: string;
            deviceId: string;
            signal: string;
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            to: string;
            complete: boolean;
            completeShare: number;
            /** Format: date-time */
            firstComplete?: string;
            /** Format: date-time */
            lastComplete?: string;
            intervals: components["schemas"]["CoverageInterval"][];
            seriesId: string;
        };
        /**
         * @example {
         *       "ts": "2026-03-29T01:00:00.000Z",
         *       "value": 12.5
         *     }
         */
        RawPoint: {
            /** Format: date-time */
            ts: string;
            value: components["schemas"]["Json"];
            revision?: number;
        };
        CoverageNote: {
            complete: boolean;
            holes: {
                /** Format: date-time */
                from: string;
                /** Format: date-time */
                to: string;
                /** @enum {string} */
                state: "complete" | "partial" | "pending" | "missing" | "unrecoverable";
                source?: string;
                run?: string;
                reason?: string;
                /** Format: date-time */
                statedAt?: string;
                seriesId: string;
            }[];
        };
        /**
         * @example {
         *       "id": "spc_cccccccccccccccccccccccccc",
         *       "connectionId": "con_aaaaaaaaaaaaaaaaaaaaaaaaaa",
         *       "nativeId": "hq",
         *       "name": "Head office",
         *       "kind": "company"
         *     }
         */
        Space: {
            id: string;
            connectionId: string;
            nativeId: string;
            name: string;
            kind: string;
            parentId?: string;
        };
        Subscription: {
            id: string;
            url: string;
            description?: string;
            events: {
                types?: ("telemetry" | "device" | "attribute" | "command" | "entity" | "file" | "platform-event" | "connection" | "backfill" | "subscription" | "parked-message" | "telemetry.observed" | "device.discovered" | "device.updated" | "device.removed" | "device.stale" | "device.recovered" | "attribute.reported" | "command.accepted" | "command.dispatched" | "command.acknowledged" | "command.queued" | "command.delivered" | "command.confirmed" | "command.failed" | "command.rejected" | "command.expired" | "command.cancelled" | "command.unknown" | "entity.created" | "entity.updated" | "entity.removed" | "file.listed" | "file.available" | "platform-event.observed" | "connection.connected" | "connection.degraded" | "connection.recovered" | "connection.unauthorized" | "connection.paused" | "connection.removed" | "backfill.started" | "backfill.progressed" | "backfill.completed" | "backfill.cancelled" | "backfill.failed" | "subscription.paused" | "subscription.suspended" | "subscription.resumed" | "subscription.resynced" | "subscription.tested" | "parked-message.parked")[];
                subject?: string[];
                connection?: string;
                platform?: string;
                origins?: ("live" | "poll" | "backfill" | "replay" | "import")[];
            };
            batch?: {
                maxEvents: number;
                maxWaitMs: number;
            };
            headers: string[];
            secret: {
                /** Format: date-time */
                updatedAt: string;
                /** Format: date-time */
                previousUntil?: string;
            };
            /** @enum {string} */
            state: "active" | "paused" | "suspended";
            suspension?: {
                /** Format: date-time */
                at: string;
                /** @enum {string} */
                reason: "gone" | "failing";
                detail?: string;
            };
            progress: {
                cursor?: string;
                deliveredCursor?: string;
                pending: number;
                /** Format: date-time */
                oldestPendingAt?: string;
                failures: number;
                /** Format: date-time */
                nextAttemptAt?: string;
                /** Format: date-time */
                lastDeliveredAt?: string;
                lastFailure?: {
                    /** Format: date-time */
                    at: string;
                    /** @enum {string} */
                    outcome: "delivered" | "refused" | "busy" | "gone" | "redirect" | "timeout" | "unreachable" | "untrusted" | "address-refused";
                    status?: number;
                };
            };
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        Delivery: {
            id: string;
            subscriptionId: string;
            /** @enum {string} */
            kind: "events" | "resync";
            /** @enum {string} */
            state: "pending" | "delivered" | "abandoned";
            eventIds: string[];
            after?: string;
            cursor?: string;
            bytes: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            finishedAt?: string;
            attempts: {
                /** @enum {string} */
                outcome: "delivered" | "refused" | "busy" | "gone" | "redirect" | "timeout" | "unreachable" | "untrusted" | "address-refused";
                status?: number;
                latencyMs: number;
                excerpt?: string;
                number: number;
                /** Format: date-time */
                at: string;
            }[];
        };
        AttemptReport: {
            /** @enum {string} */
            outcome: "delivered" | "refused" | "busy" | "gone" | "redirect" | "timeout" | "unreachable" | "untrusted" | "address-refused";
            status?: number;
            latencyMs: number;
            excerpt?: string;
        };
        /**
         * @example {
         *       "deviceId": "dev_bbbbbbbbbbbbbbbbbbbbbbbbbb",
         *       "seriesId": "ser_1",
         *       "signal": "power.watt",
         *       "ts": "2026-03-29T01:00:00.000Z",
         *       "value": 12.5,
         *       "unit": "W",
         *       "observedAt": "2026-03-29T01:00:00.000Z",
         *       "ageMs": 1200
         *     }
         */
        LatestPoint: {
            deviceId: string;
            seriesId: string;
            signal: string;
            /** Format: date-time */
            ts: string;
            value: components["schemas"]["Json"];
            unit?: string;
            /** Format: date-time */
            observedAt: string;
            ageMs: number;
            staleAfterMs?: number;
            stale?: boolean;
        };
        TelemetryQuery: {
            series?: string[];
            selectors?: {
                device?: string;
                connection?: string;
                signals?: string[];
            }[];
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            to: string;
            every: string;
            /** @default UTC */
            timeZone?: string;
            /**
             * @default [
             *       "avg"
             *     ]
             */
            fn?: ("count" | "avg" | "min" | "max" | "sum" | "first" | "last" | "delta" | "increase")[];
            /**
             * @default null
             * @enum {string}
             */
            fill?: "0" | "none" | "null" | "previous" | "linear";
            /**
             * @default any
             * @enum {string}
             */
            require?: "any" | "all";
            /** @default false */
            coverage?: boolean;
        };
        TelemetryQueryAnswer: {
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            to: string;
            timeZone: string;
            every: string;
            /** @enum {string} */
            fill: "0" | "none" | "null" | "previous" | "linear";
            buckets: {
                /** Format: date-time */
                from: string;
                /** Format: date-time */
                to: string;
            }[];
            series: components["schemas"]["QueriedSeries"][];
            meta: {
                complete: boolean;
                sources: components["schemas"]["StoredSource"][];
                coverage?: components["schemas"]["CoverageNote"];
            };
        };
        QueriedSeries: {
            seriesId: string;
            deviceId: string;
            signal: string;
            unit?: string;
            /** Format: date-time */
            lastTs?: string;
            /** Format: date-time */
            observedAt?: string;
            ageMs?: number;
            values: {
                [key: string]: components["schemas"]["Json"][];
            };
        };
    };
    responses: {
        /** @description What went wrong (RFC 9457). */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The caller has used up what it may ask. */
        TooManyRequests: {
            headers: {
                /** @description Seconds to wait. */
                "Retry-After": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listApiKeys: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of keys, without their secrets. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ApiKey"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    createApiKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Reporting",
                 *       "scopes": [
                 *         "read"
                 *       ]
                 *     }
                 */
                "application/json": {
                    name: string;
                    scopes: ("read" | "write" | "command" | "admin")[];
                    /** Format: date-time */
                    expiresAt?: string;
                };
            };
        };
        responses: {
            /** @description The key with its secret, which is shown this once. An answer that is replayed does not show it again. */
            201: {
                headers: {
                    /** @description Address of what came into being, or where its progress is seen. */
                    Location: string;
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        name: string;
                        scopes: ("read" | "write" | "command" | "admin")[];
                        /** Format: date-time */
                        createdAt: string;
                        /** Format: date-time */
                        expiresAt?: string;
                        /** Format: date-time */
                        lastUsedAt?: string;
                        /** Format: date-time */
                        revokedAt?: string;
                        /** Format: date-time */
                        rotatedAt?: string;
                        /** Format: date-time */
                        previousValidUntil?: string;
                        key?: string;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getApiKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag you have: then 304 where nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                keyId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key. */
            200: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description Nothing has changed. */
            304: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    revokeApiKey: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that the resource had when you read it. */
                "If-Match": string;
            };
            path: {
                keyId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is revoked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            412: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            428: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    rotateApiKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                keyId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "overlap": "PT24H"
                 *     }
                 */
                "application/json": {
                    overlap?: string;
                    /** Format: date-time */
                    expiresAt?: string;
                };
            };
        };
        responses: {
            /** @description The key with its new secret, which is shown this once. An answer that is replayed does not show it again. */
            200: {
                headers: {
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        name: string;
                        scopes: ("read" | "write" | "command" | "admin")[];
                        /** Format: date-time */
                        createdAt: string;
                        /** Format: date-time */
                        expiresAt?: string;
                        /** Format: date-time */
                        lastUsedAt?: string;
                        /** Format: date-time */
                        revokedAt?: string;
                        /** Format: date-time */
                        rotatedAt?: string;
                        /** Format: date-time */
                        previousValidUntil?: string;
                        key?: string;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listAuditLog: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of entries. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            id: string;
                            /** Format: date-time */
                            at: string;
                            actor: string;
                            action: string;
                            target?: string;
                            details: {
                                [key: string]: components["schemas"]["Json"];
                            };
                            traceId?: string;
                        }[];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listBackfills: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of backfills. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Backfill"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    createBackfill: {
        parameters: {
            query?: never;
            header: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "connectionId": "con_abcdefghijklmnopqrstuvwxyz",
                 *       "from": "2026-01-01T00:00:00Z",
                 *       "to": "2026-02-01T00:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["BackfillDraft"];
            };
        };
        responses: {
            /** @description The backfill is accepted. */
            202: {
                headers: {
                    /** @description Address of what came into being, or where its progress is seen. */
                    Location: string;
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Backfill"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            /** @description There is no such connection. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            /** @description The platform keeps no history (`capability-unsupported`), or it is too much at once. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getBackfill: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                backfillId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The backfill. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Backfill"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listBackfillParts: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
            };
            header?: never;
            path: {
                backfillId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of parts. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["BackfillPart"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    cancelBackfill: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                backfillId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The backfill is cancelled. */
            200: {
                headers: {
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Backfill"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    estimateBackfill: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "connectionId": "con_abcdefghijklmnopqrstuvwxyz",
                 *       "from": "2026-01-01T00:00:00Z",
                 *       "to": "2026-02-01T00:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["BackfillDraft"];
            };
        };
        responses: {
            /** @description Calls, time, gaps, and what cannot be had. */
            200: {
                headers: {
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackfillEstimate"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            /** @description There is no such connection. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            /** @description The platform keeps no history (`capability-unsupported`), or it is too much at once. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listCommands: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of commands. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Command"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getCommand: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag you have: then 304 where nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                commandId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The command. */
            200: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Command"];
                };
            };
            /** @description Nothing has changed. */
            304: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    cancelCommand: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                commandId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The command is cancelled. */
            200: {
                headers: {
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Command"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listConnections: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of connections. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Connection"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    createConnection: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "platform": "acme",
                 *       "name": "Head office",
                 *       "settings": {
                 *         "baseUrl": "https://acme.example"
                 *       },
                 *       "credentials": {
                 *         "user": "reader",
                 *         "password": "correct horse"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["ConnectionDraft"];
            };
        };
        responses: {
            /** @description The connection; its adapter takes it up within seconds. */
            201: {
                headers: {
                    /** @description Address of what came into being, or where its progress is seen. */
                    Location: string;
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connection"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getConnection: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag you have: then 304 where nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The connection. */
            200: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connection"];
                };
            };
            /** @description Nothing has changed. */
            304: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    deleteConnection: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that the resource had when you read it. */
                "If-Match": string;
            };
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            412: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            428: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    updateConnection: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that the resource had when you read it. */
                "If-Match": string;
            };
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Head office, Vienna"
                 *     }
                 */
                "application/merge-patch+json": {
                    name?: string;
                    settings?: {
                        [key: string]: components["schemas"]["Json"];
                    };
                    credentials?: {
                        [key: string]: string;
                    };
                };
            };
        };
        responses: {
            /** @description The connection as it is now. */
            200: {
                headers: {
                    /** @description Version of the resource after the change, where the platform tells it at once. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connection"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            412: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            428: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getConnectionBudget: {
        parameters: {
            query?: never;
            header?: {
                /** @description How old an answer you take while the platform is away: `no-cache` for none, `max-age`, `max-stale` or `stale-if-error` with seconds; any by default. */
                "Cache-Control"?: string;
            };
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Budgets of the connection. */
            200: {
                headers: {
                    /** @description Seconds since it was so; only on the last answer of a platform that is away. */
                    Age?: string;
                    /** @description Why it is not the answer of now (RFC 9211); only together with `Age`. */
                    "Cache-Status"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BudgetReport"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listCheckpoints: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All checkpoints of the connection. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Checkpoint"][];
                        page: Record<string, never>;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getConnectionConservation: {
        parameters: {
            query?: {
                from?: string;
                to?: string;
                state?: "open" | "unbalanced";
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Sums, and a page of minutes, the newest first. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: date-time */
                        from: string;
                        /** Format: date-time */
                        to: string;
                        /** @enum {string} */
                        state: "balanced" | "open" | "unbalanced";
                        totals: components["schemas"]["ConservationCounts"];
                        items: components["schemas"]["ConservationMinute"][];
                        page: {
                            nextCursor?: string;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getConnectionCoverage: {
        parameters: {
            query?: {
                from?: string;
                to?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of devices, by name. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        connectionId: string;
                        /** Format: date-time */
                        from: string;
                        /** Format: date-time */
                        to: string;
                        items: components["schemas"]["CoverageSummary"][];
                        page: {
                            nextCursor?: string;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listEntities: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
            };
            header?: {
                /** @description How old an answer you take while the platform is away: `no-cache` for none, `max-age`, `max-stale` or `stale-if-error` with seconds; any by default. */
                "Cache-Control"?: string;
            };
            path: {
                connectionId: string;
                type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of records. */
            200: {
                headers: {
                    /** @description Seconds since it was so; only on the last answer of a platform that is away. */
                    Age?: string;
                    /** @description Why it is not the answer of now (RFC 9211); only together with `Age`. */
                    "Cache-Status"?: string;
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Entity"][];
                        page: {
                            nextCursor?: string;
                        };
                        filter?: {
                            pushed?: string;
                            evaluatedHere?: string;
                        };
                        stale?: boolean;
                        /** Format: date-time */
                        observedAt?: string;
                        ageMs?: number;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    createEntity: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                connectionId: string;
                type: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "attributes": {
                 *         "name": "Boiler room",
                 *         "floor": -1
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["EntityDraft"];
            };
        };
        responses: {
            /** @description The record as the platform has it. */
            201: {
                headers: {
                    /** @description Address of what came into being, or where its progress is seen. */
                    Location: string;
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Entity"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getEntity: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag you have: then 304 where nothing changed. */
                "If-None-Match"?: string;
                /** @description How old an answer you take while the platform is away: `no-cache` for none, `max-age`, `max-stale` or `stale-if-error` with seconds; any by default. */
                "Cache-Control"?: string;
            };
            path: {
                connectionId: string;
                type: string;
                nativeId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The record. */
            200: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    /** @description Seconds since it was so; only on the last answer of a platform that is away. */
                    Age?: string;
                    /** @description Why it is not the answer of now (RFC 9211); only together with `Age`. */
                    "Cache-Status"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Entity"];
                };
            };
            /** @description Nothing has changed. */
            304: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    deleteEntity: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that the resource had when you read it. */
                "If-Match": string;
            };
            path: {
                connectionId: string;
                type: string;
                nativeId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            412: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            428: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    updateEntity: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that the resource had when you read it. */
                "If-Match": string;
            };
            path: {
                connectionId: string;
                type: string;
                nativeId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "attributes": {
                 *         "name": "Boiler room",
                 *         "floor": -1
                 *       }
                 *     }
                 */
                "application/merge-patch+json": components["schemas"]["EntityDraft"];
            };
        };
        responses: {
            /** @description The record as it is now. */
            200: {
                headers: {
                    /** @description Version of the resource after the change, where the platform tells it at once. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Entity"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            412: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            428: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listRelatedEntities: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: {
                /** @description How old an answer you take while the platform is away: `no-cache` for none, `max-age`, `max-stale` or `stale-if-error` with seconds; any by default. */
                "Cache-Control"?: string;
            };
            path: {
                connectionId: string;
                type: string;
                nativeId: string;
                relation: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of records. */
            200: {
                headers: {
                    /** @description Seconds since it was so; only on the last answer of a platform that is away. */
                    Age?: string;
                    /** @description Why it is not the answer of now (RFC 9211); only together with `Age`. */
                    "Cache-Status"?: string;
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Entity"][];
                        page: {
                            nextCursor?: string;
                        };
                        stale?: boolean;
                        /** Format: date-time */
                        observedAt?: string;
                        ageMs?: number;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    relateEntity: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                connectionId: string;
                type: string;
                nativeId: string;
                relation: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "targets": [
                 *         "64f1c0ffee0ddba11ca5cade"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["RelationDraft"];
            };
        };
        responses: {
            /** @description The relations are there. */
            204: {
                headers: {
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listEntityTypes: {
        parameters: {
            query?: never;
            header?: {
                /** @description How old an answer you take while the platform is away: `no-cache` for none, `max-age`, `max-stale` or `stale-if-error` with seconds; any by default. */
                "Cache-Control"?: string;
            };
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All types. */
            200: {
                headers: {
                    /** @description Seconds since it was so; only on the last answer of a platform that is away. */
                    Age?: string;
                    /** @description Why it is not the answer of now (RFC 9211); only together with `Age`. */
                    "Cache-Status"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["EntityType"][];
                        page: Record<string, never>;
                        stale?: boolean;
                        /** Format: date-time */
                        observedAt?: string;
                        ageMs?: number;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    uploadFile: {
        parameters: {
            query?: {
                name?: string;
            };
            header?: never;
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": unknown;
                "multipart/form-data": {
                    file: string;
                };
            };
        };
        responses: {
            /** @description The file as the platform has it. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadedFile"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    executeGraphql: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "query": "query Rooms($first: Int) { rooms(first: $first) { id name } }",
                 *       "variables": {
                 *         "first": 10
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["GraphqlRequest"];
            };
        };
        responses: {
            /** @description What the platform answered. */
            200: {
                headers: {
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GraphqlAnswer"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getConnectionHealth: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The live state, or the last known one marked stale. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionHealth"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listConnectionHealthHistory: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
            };
            header?: never;
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of changes. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ConnectionChange"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    beginLogin: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Where to send the browser. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uri */
                        url: string;
                        /** Format: date-time */
                        expiresAt: string;
                    };
                };
            };
            /** @description The same as a redirect, for a browser. */
            302: {
                headers: {
                    /** @description Where to go on. */
                    Location: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            /** @description Neither JSON nor a redirect is acceptable. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    endLogin: {
        parameters: {
            query: {
                state: string;
                code?: string;
                error?: string;
            };
            header?: never;
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The connection uses the new credentials. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        connectionId: string;
                        detail: string;
                    };
                    "text/html": unknown;
                };
            };
            /** @description What went wrong, as a problem document or a page. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    "text/html": unknown;
                };
            };
            /** @description What went wrong, as a problem document or a page. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    "text/html": unknown;
                };
            };
            /** @description What went wrong, as a problem document or a page. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    "text/html": unknown;
                };
            };
            /** @description The platform has not granted it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    "text/html": unknown;
                };
            };
            /** @description Too many guesses from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    "text/html": unknown;
                };
            };
            /** @description What went wrong, as a problem document or a page. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    "text/html": unknown;
                };
            };
        };
    };
    listUsers: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of users. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["PlatformUser"][];
                        page: {
                            nextCursor?: string;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    registerUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "username": "ada",
                 *       "email": "ada@example.com",
                 *       "displayName": "Ada Lovelace",
                 *       "attributes": {}
                 *     }
                 */
                "application/json": components["schemas"]["PlatformUserDraft"];
            };
        };
        responses: {
            /** @description The user as the platform has it. */
            201: {
                headers: {
                    /** @description Address of what came into being, or where its progress is seen. */
                    Location: string;
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlatformUser"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getCurrentUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlatformUser"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    deleteUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                connectionId: string;
                nativeId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    userExists: {
        parameters: {
            query: {
                username: string;
            };
            header?: never;
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether it is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        exists: boolean;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    inviteUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "username": "ada",
                 *       "email": "ada@example.com",
                 *       "displayName": "Ada Lovelace",
                 *       "attributes": {}
                 *     }
                 */
                "application/json": components["schemas"]["PlatformUserDraft"];
            };
        };
        responses: {
            /** @description The user as the platform has it. */
            201: {
                headers: {
                    /** @description Address of what came into being, or where its progress is seen. */
                    Location: string;
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlatformUser"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    discoverConnection: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    /** @description Address of what came into being, or where its progress is seen. */
                    Location: string;
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        started: boolean;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    pauseConnection: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connection"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    resumeConnection: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connection"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    testConnection: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionCheck"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    testConnectionDraft: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "platform": "acme",
                 *       "name": "Head office",
                 *       "settings": {
                 *         "baseUrl": "https://acme.example"
                 *       },
                 *       "credentials": {
                 *         "user": "reader",
                 *         "password": "correct horse"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["ConnectionDraft"];
            };
        };
        responses: {
            /** @description What was tried and how it went. */
            200: {
                headers: {
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionCheck"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getConservation: {
        parameters: {
            query?: {
                connectionId?: string;
                from?: string;
                to?: string;
                state?: "open" | "unbalanced";
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Sums, and a page of minutes, the newest first. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: date-time */
                        from: string;
                        /** Format: date-time */
                        to: string;
                        /** @enum {string} */
                        state: "balanced" | "open" | "unbalanced";
                        totals: components["schemas"]["ConservationCounts"];
                        items: components["schemas"]["ConservationMinute"][];
                        page: {
                            nextCursor?: string;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listDevices: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
                fields?: string;
                require?: "any" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of devices. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Device"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                        meta: components["schemas"]["StoredMeta"];
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getDeviceByNative: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag you have: then 304 where nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                connectionId: string;
                nativeId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The device. */
            200: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Device"];
                };
            };
            /** @description Nothing has changed. */
            304: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getDevice: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag you have: then 304 where nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                deviceId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The device. */
            200: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Device"];
                };
            };
            /** @description Nothing has changed. */
            304: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listAttributes: {
        parameters: {
            query?: {
                scope?: "client" | "shared" | "server";
                live?: boolean;
            };
            header?: {
                /** @description An ETag you have: then 304 where nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                deviceId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All attributes, by scope and name. */
            200: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** @enum {string} */
                            scope: "client" | "shared" | "server";
                            name: string;
                            value: components["schemas"]["Json"];
                            /** Format: date-time */
                            ts?: string;
                            /** Format: date-time */
                            observedAt: string;
                            ageMs: number;
                        }[];
                        page: Record<string, never>;
                        live: boolean;
                    };
                };
            };
            /** @description Nothing has changed. */
            304: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    updateAttributes: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that the resource had when you read it. */
                "If-Match": string;
            };
            path: {
                deviceId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "targetTemperature": 21.5
                 *     }
                 */
                "application/merge-patch+json": {
                    [key: string]: components["schemas"]["Json"];
                };
            };
        };
        responses: {
            /** @description The attributes as the platform now has them. */
            200: {
                headers: {
                    /** @description Version of the resource after the change, where the platform tells it at once. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** @enum {string} */
                            scope: "client" | "shared" | "server";
                            name: string;
                            value: components["schemas"]["Json"];
                            /** Format: date-time */
                            ts?: string;
                            /** Format: date-time */
                            observedAt: string;
                            ageMs: number;
                        }[];
                        page: Record<string, never>;
                        live: boolean;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            412: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            428: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listChildren: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
                fields?: string;
                require?: "any" | "all";
            };
            header?: never;
            path: {
                deviceId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of devices. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Device"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                        meta: components["schemas"]["StoredMeta"];
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    describeCommands: {
        parameters: {
            query?: never;
            header?: {
                /** @description How old an answer you take while the platform is away: `no-cache` for none, `max-age`, `max-stale` or `stale-if-error` with seconds; any by default. */
                "Cache-Control"?: string;
            };
            path: {
                deviceId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All orders; none where the platform has no commands. */
            200: {
                headers: {
                    /** @description Seconds since it was so; only on the last answer of a platform that is away. */
                    Age?: string;
                    /** @description Why it is not the answer of now (RFC 9211); only together with `Age`. */
                    "Cache-Status"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["CommandDescription"][];
                        page: Record<string, never>;
                        stale?: boolean;
                        /** Format: date-time */
                        observedAt?: string;
                        ageMs?: number;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listDeviceCommands: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
            };
            header?: never;
            path: {
                deviceId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of commands. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Command"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    createCommand: {
        parameters: {
            query?: never;
            header: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key": string;
            };
            path: {
                deviceId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "restart",
                 *       "params": {}
                 *     }
                 */
                "application/json": components["schemas"]["CommandDraft"];
            };
        };
        responses: {
            /** @description The command is accepted. */
            202: {
                headers: {
                    /** @description Address of what came into being, or where its progress is seen. */
                    Location: string;
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Command"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getDeviceCoverage: {
        parameters: {
            query?: {
                from?: string;
                to?: string;
                signal?: string;
            };
            header?: never;
            path: {
                deviceId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Intervals that tile the range. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceCoverage"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listDeviceFiles: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
                fields?: string;
                live?: boolean;
                from?: string;
                to?: string;
            };
            header?: never;
            path: {
                deviceId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of files. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["File"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                        live: boolean;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    downloadFiles: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                deviceId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "names": [
                 *         "2026-03-29.osf",
                 *         "2026-03-30.osf"
                 *       ]
                 *     }
                 */
                "application/json": {
                    names: string[];
                };
            };
        };
        responses: {
            /** @description The bytes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": unknown;
                    "*/*": unknown;
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getDeviceFreshness: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                deviceId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The device, its series, and its last silences. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        deviceId: string;
                        /** Format: date-time */
                        observedAt?: string;
                        ageMs?: number;
                        staleAfterMs?: number;
                        stale?: boolean;
                        expectedEveryMs?: number;
                        /** @enum {string} */
                        cadenceFrom?: "declared" | "learned" | "setting";
                        /** Format: date-time */
                        since?: string;
                        cause?: {
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
                        series: {
                            id: string;
                            signal: string;
                            /** Format: date-time */
                            observedAt?: string;
                            ageMs?: number;
                            staleAfterMs?: number;
                            stale?: boolean;
                            expectedEveryMs?: number;
                            samples?: number;
                        }[];
                        silences: {
                            deviceId: string;
                            nativeId: string;
                            name: string;
                            connectionId: string;
                            platform: string;
                            /** Format: date-time */
                            since: string;
                            /** Format: date-time */
                            noticedAt: string;
                            /** Format: date-time */
                            until?: string;
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
                        }[];
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listDeviceSeries: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
                fields?: string;
            };
            header?: never;
            path: {
                deviceId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of series. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Series"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    writeTelemetry: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                deviceId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "points": [
                 *         {
                 *           "signal": "setpoint",
                 *           "value": 21.5
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": {
                    points: {
                        signal: string;
                        /** Format: date-time */
                        ts?: string;
                        value: components["schemas"]["Json"];
                    }[];
                };
            };
        };
        responses: {
            /** @description The platform has acknowledged them. */
            200: {
                headers: {
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        written: number;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getDeviceTree: {
        parameters: {
            query?: {
                require?: "any" | "all";
            };
            header?: never;
            path: {
                deviceId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Breadth first, at most 1000 devices and 20 levels. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            depth: number;
                            device: components["schemas"]["Device"];
                        }[];
                        truncated: boolean;
                        meta: components["schemas"]["StoredMeta"];
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    queryEntities: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "types": [
                 *         "device"
                 *       ],
                 *       "filter": "name co \"boiler\"",
                 *       "sort": "name",
                 *       "limit": 100
                 *     }
                 */
                "application/json": components["schemas"]["EntityQuestion"];
            };
        };
        responses: {
            /** @description A page of records, and how each source fared. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["FoundEntity"][];
                        page: {
                            nextCursor?: string;
                        };
                        meta: {
                            complete: boolean;
                            sources: components["schemas"]["EntitySource"][];
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            /** @description There is no such connection, or none has such a type; `errors` says which. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            /** @description A platform cannot answer this, or there are too many sources. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listEvents: {
        parameters: {
            query?: {
                types?: ("telemetry" | "device" | "attribute" | "command" | "entity" | "file" | "platform-event" | "connection" | "backfill" | "subscription" | "parked-message" | "telemetry.observed" | "device.discovered" | "device.updated" | "device.removed" | "device.stale" | "device.recovered" | "attribute.reported" | "command.accepted" | "command.dispatched" | "command.acknowledged" | "command.queued" | "command.delivered" | "command.confirmed" | "command.failed" | "command.rejected" | "command.expired" | "command.cancelled" | "command.unknown" | "entity.created" | "entity.updated" | "entity.removed" | "file.listed" | "file.available" | "platform-event.observed" | "connection.connected" | "connection.degraded" | "connection.recovered" | "connection.unauthorized" | "connection.paused" | "connection.removed" | "backfill.started" | "backfill.progressed" | "backfill.completed" | "backfill.cancelled" | "backfill.failed" | "subscription.paused" | "subscription.suspended" | "subscription.resumed" | "subscription.resynced" | "subscription.tested" | "parked-message.parked")[];
                subject?: string[];
                connection?: string;
                platform?: string;
                origins?: ("live" | "poll" | "backfill" | "replay" | "import")[];
                cursor?: string;
                since?: string;
                limit?: number;
                waitMs?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events, perhaps none. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["LoggedEvent"][];
                        page: {
                            nextCursor: string;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            /** @description The events after the cursor are no longer kept. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getEventLineage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                eventId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is known of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lineage"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            /** @description The event log cannot be read at the moment. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listFiles: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of files. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["File"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag you have: then 304 where nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                fileId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["File"];
                };
            };
            /** @description Nothing has changed. */
            304: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getFileContent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                fileId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bytes as the platform has them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "*/*": unknown;
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getFreshness: {
        parameters: {
            query?: {
                link?: "credential" | "budget" | "vendor" | "network" | "mapping" | "adapter" | "broker" | "database" | "device";
                connectionId?: string;
                state?: "silent" | "over" | "all";
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of silences, the newest first. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            deviceId: string;
                            nativeId: string;
                            name: string;
                            connectionId: string;
                            platform: string;
                            /** Format: date-time */
                            since: string;
                            /** Format: date-time */
                            noticedAt: string;
                            /** Format: date-time */
                            until?: string;
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
                        }[];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                        counts: {
                            [key: string]: number;
                        };
                        /** Format: date-time */
                        watchedAt?: string;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listParkedMessages: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of messages. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ParkedMessage"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listParkedGroups: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of groups. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ParkedGroup"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listParkedJobs: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of jobs. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ParkedJob"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getParkedJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                jobId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParkedJob"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    cancelParkedJob: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                jobId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job; what it has settled stays so. */
            200: {
                headers: {
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParkedJob"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getParkedMessage: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag you have: then 304 where nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                messageId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message. */
            200: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParkedMessage"];
                };
            };
            /** @description Nothing has changed. */
            304: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    discardParkedMessage: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                messageId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "reason": "a test of the gateway"
                 *     }
                 */
                "application/json": {
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The message is discarded. */
            200: {
                headers: {
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParkedMessage"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    previewParkedMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                messageId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The verdict. Nothing has changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParkVerdict"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    replayParkedMessage: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                messageId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The intake will take it up. */
            202: {
                headers: {
                    /** @description Address of what came into being, or where its progress is seen. */
                    Location: string;
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParkedMessage"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    discardParkedMessages: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "filter": "reason eq \"json\" and platform eq \"acme\"",
                 *       "reason": "a gateway that was taken out of service"
                 *     }
                 */
                "application/json": {
                    ids?: string[];
                    fingerprint?: string;
                    filter?: string;
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The job, which says how far it is. */
            202: {
                headers: {
                    /** @description Address of what came into being, or where its progress is seen. */
                    Location: string;
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParkedJob"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    previewParkedMessages: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "fingerprint": "fpr_ffffffffffffffffffffffffff"
                 *     }
                 */
                "application/json": {
                    ids?: string[];
                    fingerprint?: string;
                    filter?: string;
                };
            };
        };
        responses: {
            /** @description A verdict for each, and their sums. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParkedPreview"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    replayParkedMessages: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "fingerprint": "fpr_ffffffffffffffffffffffffff"
                 *     }
                 */
                "application/json": {
                    ids?: string[];
                    fingerprint?: string;
                    filter?: string;
                    dryRun?: boolean;
                };
            };
        };
        responses: {
            /** @description The job, which says how far it is. */
            202: {
                headers: {
                    /** @description Address of what came into being, or where its progress is seen. */
                    Location: string;
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParkedJob"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listPlatformEvents: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of platform events. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["PlatformEvent"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listPlatforms: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag you have: then 304 where nothing changed. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All platforms whose adapter has ever announced itself. */
            200: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Platform"][];
                        page: Record<string, never>;
                    };
                };
            };
            /** @description Nothing has changed. */
            304: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getPlatform: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag you have: then 304 where nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                platform: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The platform. */
            200: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Platform"];
                };
            };
            /** @description Nothing has changed. */
            304: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getDataSchema: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description JSON Schema 2020-12. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/schema+json": unknown;
                };
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            default: components["responses"]["Problem"];
        };
    };
    getEventSchema: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description JSON Schema 2020-12. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/schema+json": unknown;
                };
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            default: components["responses"]["Problem"];
        };
    };
    listSeries: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of series. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Series"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getSeries: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag you have: then 304 where nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                seriesId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The series. */
            200: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Series"];
                };
            };
            /** @description Nothing has changed. */
            304: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getSeriesCoverage: {
        parameters: {
            query?: {
                from?: string;
                to?: string;
            };
            header?: never;
            path: {
                seriesId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Intervals that tile the range. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SeriesCoverage"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getPoints: {
        parameters: {
            query?: {
                from?: string;
                to?: string;
                order?: "asc" | "desc";
                limit?: number;
                cursor?: string;
                every?: string;
                timeZone?: string;
                fn?: ("count" | "avg" | "min" | "max" | "sum" | "first" | "last" | "delta" | "increase")[];
                empty?: boolean;
                coverage?: boolean;
                maxPoints?: number;
            };
            header?: never;
            path: {
                seriesId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Points in order of time. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: date-time */
                        from: string;
                        /** Format: date-time */
                        to: string;
                        freshness: {
                            /** Format: date-time */
                            observedAt?: string;
                            ageMs?: number;
                            staleAfterMs?: number;
                            stale?: boolean;
                        };
                        items: components["schemas"]["RawPoint"][];
                        page: {
                            nextCursor?: string;
                        };
                        meta?: {
                            coverage: components["schemas"]["CoverageNote"];
                        };
                    } | {
                        /** Format: date-time */
                        from: string;
                        /** Format: date-time */
                        to: string;
                        freshness: {
                            /** Format: date-time */
                            observedAt?: string;
                            ageMs?: number;
                            staleAfterMs?: number;
                            stale?: boolean;
                        };
                        every: string;
                        timeZone: string;
                        items: {
                            /** Format: date-time */
                            from?: string;
                            /** Format: date-time */
                            to?: string;
                            count?: number;
                            avg?: number | null;
                            min?: number | null;
                            max?: number | null;
                            sum?: number | null;
                            first?: components["schemas"]["Json"];
                            last?: components["schemas"]["Json"];
                            delta?: number | null;
                            increase?: number | null;
                        }[];
                        page: {
                            nextCursor?: string;
                        };
                        meta?: {
                            coverage: components["schemas"]["CoverageNote"];
                        };
                    } | {
                        /** Format: date-time */
                        from: string;
                        /** Format: date-time */
                        to: string;
                        freshness: {
                            /** Format: date-time */
                            observedAt?: string;
                            ageMs?: number;
                            staleAfterMs?: number;
                            stale?: boolean;
                        };
                        maxPoints: number;
                        items: {
                            /** Format: date-time */
                            ts: string;
                            value: number;
                        }[];
                        page: {
                            nextCursor?: string;
                        };
                        meta?: {
                            coverage: components["schemas"]["CoverageNote"];
                        };
                    };
                    "application/x-ndjson": unknown;
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            /** @description There are too many points to be aggregated in the time given, or their sum is no number. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getValueLineage: {
        parameters: {
            query?: {
                rev?: string;
            };
            header?: never;
            path: {
                seriesId: string;
                ts: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is known of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lineage"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            /** @description The event log cannot be read at the moment. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getRevisions: {
        parameters: {
            query?: {
                from?: string;
                to?: string;
                limit?: number;
            };
            header?: never;
            path: {
                seriesId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Oldest point first, each value with the rev it was given with and the one that replaced it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: date-time */
                        from: string;
                        /** Format: date-time */
                        to: string;
                        items: {
                            /** Format: date-time */
                            ts: string;
                            value: components["schemas"]["Json"];
                            rev: string;
                            replacedByRev: string;
                        }[];
                        page: Record<string, never>;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listSpaces: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
                fields?: string;
                require?: "any" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of spaces. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Space"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                        meta: components["schemas"]["StoredMeta"];
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getSpaceForest: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                include?: "devices";
                require?: "any" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, breadth first, down to 20 levels. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            depth: number;
                            space: components["schemas"]["Space"];
                            devices?: components["schemas"]["Device"][];
                            moreDevices?: boolean;
                        }[];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                        meta: components["schemas"]["StoredMeta"];
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getSpace: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag you have: then 304 where nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                spaceId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The space. */
            200: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Space"];
                };
            };
            /** @description Nothing has changed. */
            304: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listSpaceDevices: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
                fields?: string;
                require?: "any" | "all";
            };
            header?: never;
            path: {
                spaceId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of devices. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Device"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                        meta: components["schemas"]["StoredMeta"];
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getSpaceTree: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                include?: "devices";
                require?: "any" | "all";
            };
            header?: never;
            path: {
                spaceId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, breadth first, down to 20 levels. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            depth: number;
                            space: components["schemas"]["Space"];
                            devices?: components["schemas"]["Device"][];
                            moreDevices?: boolean;
                        }[];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                        meta: components["schemas"]["StoredMeta"];
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    streamEvents: {
        parameters: {
            query?: {
                types?: ("telemetry" | "device" | "attribute" | "command" | "entity" | "file" | "platform-event" | "connection" | "backfill" | "subscription" | "parked-message" | "telemetry.observed" | "device.discovered" | "device.updated" | "device.removed" | "device.stale" | "device.recovered" | "attribute.reported" | "command.accepted" | "command.dispatched" | "command.acknowledged" | "command.queued" | "command.delivered" | "command.confirmed" | "command.failed" | "command.rejected" | "command.expired" | "command.cancelled" | "command.unknown" | "entity.created" | "entity.updated" | "entity.removed" | "file.listed" | "file.available" | "platform-event.observed" | "connection.connected" | "connection.degraded" | "connection.recovered" | "connection.unauthorized" | "connection.paused" | "connection.removed" | "backfill.started" | "backfill.progressed" | "backfill.completed" | "backfill.cancelled" | "backfill.failed" | "subscription.paused" | "subscription.suspended" | "subscription.resumed" | "subscription.resynced" | "subscription.tested" | "parked-message.parked")[];
                subject?: string[];
                connection?: string;
                platform?: string;
                origins?: ("live" | "poll" | "backfill" | "replay" | "import")[];
                cursor?: string;
                since?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An endless stream. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listSubscriptions: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of subscriptions. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Subscription"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    createSubscription: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "url": "https://receiver.example/tributary",
                 *       "description": "Billing",
                 *       "events": {
                 *         "types": [
                 *           "telemetry"
                 *         ],
                 *         "origins": [
                 *           "live",
                 *           "poll"
                 *         ]
                 *       },
                 *       "batch": {
                 *         "maxEvents": 100,
                 *         "maxWaitMs": 1000
                 *       }
                 *     }
                 */
                "application/json": {
                    url: string;
                    description?: string;
                    /** @default {} */
                    events?: {
                        types?: ("telemetry" | "device" | "attribute" | "command" | "entity" | "file" | "platform-event" | "connection" | "backfill" | "subscription" | "parked-message" | "telemetry.observed" | "device.discovered" | "device.updated" | "device.removed" | "device.stale" | "device.recovered" | "attribute.reported" | "command.accepted" | "command.dispatched" | "command.acknowledged" | "command.queued" | "command.delivered" | "command.confirmed" | "command.failed" | "command.rejected" | "command.expired" | "command.cancelled" | "command.unknown" | "entity.created" | "entity.updated" | "entity.removed" | "file.listed" | "file.available" | "platform-event.observed" | "connection.connected" | "connection.degraded" | "connection.recovered" | "connection.unauthorized" | "connection.paused" | "connection.removed" | "backfill.started" | "backfill.progressed" | "backfill.completed" | "backfill.cancelled" | "backfill.failed" | "subscription.paused" | "subscription.suspended" | "subscription.resumed" | "subscription.resynced" | "subscription.tested" | "parked-message.parked")[];
                        subject?: string[];
                        connection?: string;
                        platform?: string;
                        origins?: ("live" | "poll" | "backfill" | "replay" | "import")[];
                    };
                    batch?: {
                        /** @default 100 */
                        maxEvents?: number;
                        /** @default 1000 */
                        maxWaitMs?: number;
                    };
                    headers?: {
                        [key: string]: string;
                    };
                    secret?: string;
                    cursor?: string;
                    /** Format: date-time */
                    since?: string;
                };
            };
        };
        responses: {
            /** @description The subscription with its secret. An answer that is replayed does not show it again. */
            201: {
                headers: {
                    /** @description Address of what came into being, or where its progress is seen. */
                    Location: string;
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        url: string;
                        description?: string;
                        events: {
                            types?: ("telemetry" | "device" | "attribute" | "command" | "entity" | "file" | "platform-event" | "connection" | "backfill" | "subscription" | "parked-message" | "telemetry.observed" | "device.discovered" | "device.updated" | "device.removed" | "device.stale" | "device.recovered" | "attribute.reported" | "command.accepted" | "command.dispatched" | "command.acknowledged" | "command.queued" | "command.delivered" | "command.confirmed" | "command.failed" | "command.rejected" | "command.expired" | "command.cancelled" | "command.unknown" | "entity.created" | "entity.updated" | "entity.removed" | "file.listed" | "file.available" | "platform-event.observed" | "connection.connected" | "connection.degraded" | "connection.recovered" | "connection.unauthorized" | "connection.paused" | "connection.removed" | "backfill.started" | "backfill.progressed" | "backfill.completed" | "backfill.cancelled" | "backfill.failed" | "subscription.paused" | "subscription.suspended" | "subscription.resumed" | "subscription.resynced" | "subscription.tested" | "parked-message.parked")[];
                            subject?: string[];
                            connection?: string;
                            platform?: string;
                            origins?: ("live" | "poll" | "backfill" | "replay" | "import")[];
                        };
                        batch?: {
                            maxEvents: number;
                            maxWaitMs: number;
                        };
                        headers: string[];
                        secret: {
                            /** Format: date-time */
                            updatedAt: string;
                            /** Format: date-time */
                            previousUntil?: string;
                        };
                        /** @enum {string} */
                        state: "active" | "paused" | "suspended";
                        suspension?: {
                            /** Format: date-time */
                            at: string;
                            /** @enum {string} */
                            reason: "gone" | "failing";
                            detail?: string;
                        };
                        progress: {
                            cursor?: string;
                            deliveredCursor?: string;
                            pending: number;
                            /** Format: date-time */
                            oldestPendingAt?: string;
                            failures: number;
                            /** Format: date-time */
                            nextAttemptAt?: string;
                            /** Format: date-time */
                            lastDeliveredAt?: string;
                            lastFailure?: {
                                /** Format: date-time */
                                at: string;
                                /** @enum {string} */
                                outcome: "delivered" | "refused" | "busy" | "gone" | "redirect" | "timeout" | "unreachable" | "untrusted" | "address-refused";
                                status?: number;
                            };
                        };
                        /** Format: date-time */
                        createdAt: string;
                        /** Format: date-time */
                        updatedAt: string;
                        signingSecret?: string;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            /** @description The log no longer holds the event of the cursor. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getSubscription: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag you have: then 304 where nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                subscriptionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The subscription. */
            200: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            /** @description Nothing has changed. */
            304: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    deleteSubscription: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that the resource had when you read it. */
                "If-Match": string;
            };
            path: {
                subscriptionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            412: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            428: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    updateSubscription: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag that the resource had when you read it. */
                "If-Match": string;
            };
            path: {
                subscriptionId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "description": "Billing, Vienna"
                 *     }
                 */
                "application/merge-patch+json": {
                    url?: string;
                    description?: string | null;
                    events?: {
                        types?: ("telemetry" | "device" | "attribute" | "command" | "entity" | "file" | "platform-event" | "connection" | "backfill" | "subscription" | "parked-message" | "telemetry.observed" | "device.discovered" | "device.updated" | "device.removed" | "device.stale" | "device.recovered" | "attribute.reported" | "command.accepted" | "command.dispatched" | "command.acknowledged" | "command.queued" | "command.delivered" | "command.confirmed" | "command.failed" | "command.rejected" | "command.expired" | "command.cancelled" | "command.unknown" | "entity.created" | "entity.updated" | "entity.removed" | "file.listed" | "file.available" | "platform-event.observed" | "connection.connected" | "connection.degraded" | "connection.recovered" | "connection.unauthorized" | "connection.paused" | "connection.removed" | "backfill.started" | "backfill.progressed" | "backfill.completed" | "backfill.cancelled" | "backfill.failed" | "subscription.paused" | "subscription.suspended" | "subscription.resumed" | "subscription.resynced" | "subscription.tested" | "parked-message.parked")[] | null;
                        subject?: string[] | null;
                        connection?: string | null;
                        platform?: string | null;
                        origins?: ("live" | "poll" | "backfill" | "replay" | "import")[] | null;
                    };
                    batch?: {
                        /** @default 100 */
                        maxEvents?: number;
                        /** @default 1000 */
                        maxWaitMs?: number;
                    } | null;
                    headers?: {
                        [key: string]: string;
                    } | null;
                };
            };
        };
        responses: {
            /** @description The subscription as it is now. */
            200: {
                headers: {
                    /** @description Version of the resource after the change, where the platform tells it at once. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            412: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            428: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    listDeliveries: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                filter?: string;
                sort?: string;
                count?: boolean;
            };
            header?: never;
            path: {
                subscriptionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of deliveries. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Delivery"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getDelivery: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag you have: then 304 where nothing changed. */
                "If-None-Match"?: string;
            };
            path: {
                subscriptionId: string;
                deliveryId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The delivery. */
            200: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivery"];
                };
            };
            /** @description Nothing has changed. */
            304: {
                headers: {
                    /** @description Version of the resource. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    retryDelivery: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                subscriptionId: string;
                deliveryId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is tried within a second. */
            200: {
                headers: {
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivery"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    pauseSubscription: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                subscriptionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is paused. */
            200: {
                headers: {
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    replaySubscription: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                subscriptionId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "since": "2026-03-29T01:00:00.000Z"
                 *     }
                 */
                "application/json": {
                    cursor?: string;
                    /** Format: date-time */
                    since?: string;
                };
            };
        };
        responses: {
            /** @description It begins there. */
            200: {
                headers: {
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            /** @description The log no longer holds the event of the cursor. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    resumeSubscription: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                subscriptionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It goes on. */
            200: {
                headers: {
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    rotateSubscriptionSecret: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                subscriptionId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "overlapMs": 86400000
                 *     }
                 */
                "application/json": {
                    secret?: string;
                    /** @default 86400000 */
                    overlapMs?: number;
                };
            };
        };
        responses: {
            /** @description The subscription with its new secret, which is shown this once. */
            200: {
                headers: {
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        url: string;
                        description?: string;
                        events: {
                            types?: ("telemetry" | "device" | "attribute" | "command" | "entity" | "file" | "platform-event" | "connection" | "backfill" | "subscription" | "parked-message" | "telemetry.observed" | "device.discovered" | "device.updated" | "device.removed" | "device.stale" | "device.recovered" | "attribute.reported" | "command.accepted" | "command.dispatched" | "command.acknowledged" | "command.queued" | "command.delivered" | "command.confirmed" | "command.failed" | "command.rejected" | "command.expired" | "command.cancelled" | "command.unknown" | "entity.created" | "entity.updated" | "entity.removed" | "file.listed" | "file.available" | "platform-event.observed" | "connection.connected" | "connection.degraded" | "connection.recovered" | "connection.unauthorized" | "connection.paused" | "connection.removed" | "backfill.started" | "backfill.progressed" | "backfill.completed" | "backfill.cancelled" | "backfill.failed" | "subscription.paused" | "subscription.suspended" | "subscription.resumed" | "subscription.resynced" | "subscription.tested" | "parked-message.parked")[];
                            subject?: string[];
                            connection?: string;
                            platform?: string;
                            origins?: ("live" | "poll" | "backfill" | "replay" | "import")[];
                        };
                        batch?: {
                            maxEvents: number;
                            maxWaitMs: number;
                        };
                        headers: string[];
                        secret: {
                            /** Format: date-time */
                            updatedAt: string;
                            /** Format: date-time */
                            previousUntil?: string;
                        };
                        /** @enum {string} */
                        state: "active" | "paused" | "suspended";
                        suspension?: {
                            /** Format: date-time */
                            at: string;
                            /** @enum {string} */
                            reason: "gone" | "failing";
                            detail?: string;
                        };
                        progress: {
                            cursor?: string;
                            deliveredCursor?: string;
                            pending: number;
                            /** Format: date-time */
                            oldestPendingAt?: string;
                            failures: number;
                            /** Format: date-time */
                            nextAttemptAt?: string;
                            /** Format: date-time */
                            lastDeliveredAt?: string;
                            lastFailure?: {
                                /** Format: date-time */
                                at: string;
                                /** @enum {string} */
                                outcome: "delivered" | "refused" | "busy" | "gone" | "redirect" | "timeout" | "unreachable" | "untrusted" | "address-refused";
                                status?: number;
                            };
                        };
                        /** Format: date-time */
                        createdAt: string;
                        /** Format: date-time */
                        updatedAt: string;
                        signingSecret?: string;
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    testSubscription: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key of your own making; the same one when you repeat the request. */
                "Idempotency-Key"?: string;
            };
            path: {
                subscriptionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What became of it. */
            200: {
                headers: {
                    /** @description `true` on an answer that was given before. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AttemptReport"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            422: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    getLatest: {
        parameters: {
            query?: {
                device?: string[];
                connection?: string;
                platform?: string[];
                space?: string[];
                signal?: string[];
                filter?: string;
                limit?: number;
                cursor?: string;
                require?: "any" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of newest values, by series. Where devices are named, `meta` is there only if a connection of theirs is not well. */
            200: {
                headers: {
                    /** @description `rel="next"`: address of the next page, where there is one. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["LatestPoint"][];
                        page: {
                            nextCursor?: string;
                            total?: number;
                        };
                        meta?: components["schemas"]["StoredMeta"];
                    };
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
    queryTelemetry: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "series": [
                 *         "ser_1"
                 *       ],
                 *       "from": "2026-03-01T00:00:00+01:00",
                 *       "to": "2026-04-01T00:00:00+02:00",
                 *       "every": "P1D",
                 *       "timeZone": "Europe/Stockholm",
                 *       "fn": [
                 *         "avg",
                 *         "increase"
                 *       ],
                 *       "fill": "null"
                 *     }
                 */
                "application/json": components["schemas"]["TelemetryQuery"];
            };
        };
        responses: {
            /** @description Buckets, and the values of each series in them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TelemetryQueryAnswer"];
                    "application/x-ndjson": unknown;
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            /** @description A series, a device, a connection or a signal of it is not there; `errors` names each. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            /** @description There are too many points to be aggregated in the time given, or their sum is no number. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyRequests"];
            default: components["responses"]["Problem"];
        };
    };
}
