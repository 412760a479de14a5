import { flag } from '../config.ts';

/** Configuration of every service that dials addresses which users gave. */
export const addressConfig = {
  ALLOW_PRIVATE_ADDRESSES: flag()
    .prefault('false')
    .describe(
      'Platforms and receivers of webhooks may be at loopback and private addresses, and over http: development and simulators only.',
    ),
};
