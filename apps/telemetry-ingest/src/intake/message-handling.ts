import type { ParkedPoints } from '@tributary/database';
import type { Fault } from '../parking/reasons.ts';

/** What a body turned out to be. With both `fault` and `item`, the item is the part that is good. */
export interface Decoded<T> {
  item?: T;
  fault?: Fault;
  /** Points, or 1 for what has none. */
  size: number;
  /** How many of them do not fit. */
  badSize: number;
  /** Those that do not fit, as the account knows them, where that could be read. */
  badPoints?: ParkedPoints | undefined;
  connectionId?: string;
  workspace?: string;
  eventId?: string;
}

/** What is good of one message, with what was read of it. */
export interface Held<T> {
  item: T;
  decoded: Decoded<T>;
}

/** A message, or some points of it, that will never be stored as it is. */
export interface Refusal<H> {
  held: H;
  fault: Fault;
  size: number;
  points?: ParkedPoints | undefined;
}

/** What is done with one sort of message; the intake does the rest. */
export interface MessageHandling<T> {
  /** Never throws for bad input. */
  decode(body: Buffer): Decoded<T>;
  /**
   * Stores the batch and names what cannot be stored. Waits out every trouble that is nobody's fault, and rejects only
   * when the signal aborts. Accounts for all of the batch but what it names.
   */
  store<H extends Held<T>>(batch: readonly H[], signal: AbortSignal): Promise<Refusal<H>[]>;
  /** The same for a message that may have ended the process before: it goes through nobody else's hands. */
  storeAlone<H extends Held<T>>(held: H, signal: AbortSignal): Promise<Refusal<H>[]>;
  received(decoded: Decoded<T>): void;
  parked(decoded: Decoded<T>, size: number): void;
  /** Given back to the broker, which delivers it again. */
  returned(decoded: Decoded<T>, size: number): void;
}
