import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/** Of one run of one process: a restart is another replica, and cannot be taken for the one before it. */
export const replicaName = (): string => `${hostname().slice(0, 40)}-${process.pid}-${randomBytes(4).toString('hex')}`;
