/** What Nest injects by token: things that are made outside of it, and plain classes. */
export const CONTEXT = Symbol('service context');
export const DATABASE = Symbol('database');
export const BROKER = Symbol('broker');
export const EVENT_LOG = Symbol('event log');
export const VAULT = Symbol('vault');
export const TURNS = Symbol('turns in the database');
export const RECEIVERS = Symbol('receivers');
export const TURN_RUNNER = Symbol('turn runner');
export const TURN_DISPATCH = Symbol('turn dispatch');
export const TURN_QUEUES = Symbol('queues of turns');
export const WAKES = Symbol('wakes');
export const PLANNERS = Symbol('planners');
export const LEASE_ROUNDS = Symbol('lease rounds');
