/** What Nest injects by token: things that are made outside of it, and plain classes. */
export const CONTEXT = Symbol('service context');
export const DATABASE = Symbol('database');
export const BROKER = Symbol('broker');
export const TELEMETRY_STORE = Symbol('telemetry store');
export const VAULT = Symbol('vault');
export const INVENTORY = Symbol('inventory');
export const PARKED_MESSAGES = Symbol('parked messages');
export const STORAGE_GATE = Symbol('storage gate');
export const ACCOUNTING = Symbol('accounting');
export const LANES = Symbol('telemetry lanes');
export const QUEUED_LANE = Symbol('queued lane');
export const PARKING = Symbol('parking');
export const DECODE_PROBE = Symbol('decode probe');
export const TELEMETRY_HANDLING = Symbol('telemetry handling');
export const PROJECTION_HANDLING = Symbol('projection handling');
export const TELEMETRY_INTAKE = Symbol('telemetry intake');
export const PROJECTION_INTAKE = Symbol('projection intake');
