import { createHash } from 'node:crypto';

/** Tells two secrets apart without telling either. */
export const fingerprint = (secret: string): string => createHash('sha256').update(secret).digest('hex').slice(0, 12);
