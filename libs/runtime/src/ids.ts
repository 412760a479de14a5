import { base32 } from '@tributary/contracts';
import { v7 } from 'uuid';

/** UUIDv7 as text: ids of events and of batches, ordered by time. */
export const newEventId = (): string => v7();

const RFC_4648 = 'abcdefghijklmnopqrstuvwxyz234567';
/** The same characters in the order in which they sort: only so is the text ordered like the bytes. */
const SORTED = '234567abcdefghijklmnopqrstuvwxyz';
const sortable = (text: string): string => text.replace(/./g, (letter) => SORTED[RFC_4648.indexOf(letter)] ?? letter);

/** `con_…`, `cmd_…`, `key_…` and the like: prefix and 26 characters of lower-case base32, ordered by time of making. */
export const newId = (prefix: 'con' | 'cmd' | 'key' | 'prk' | 'run' | 'sub' | 'dlv' | 'bkf' | 'pjb'): string =>
  `${prefix}_${sortable(base32(v7(undefined, new Uint8Array(16))))}`;
