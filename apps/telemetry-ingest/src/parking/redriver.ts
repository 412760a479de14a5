import type { ParkReason } from '@tributary/contracts';
import { type CredentialVault, type ParkedMessage, VaultError } from '@tributary/database';
import { payloadThatCame } from './parked-payload.ts';
import type { Fault } from './reasons.ts';
import { type How, type Redrive, type Redriven, refused } from './redrive.ts';

export interface RedriverParts {
  byQueue: ReadonlyMap<string, Redrive>;
  /** What adapters could not publish. */
  items: Redrive;
  vault: Pick<CredentialVault, 'seal' | 'open'>;
  /** Whether a body can be read without ending the process. */
  readsSafely(body: Buffer): Promise<boolean>;
}

const UNKNOWN: Fault = {
  reason: 'unknown-replay',
  problems: [{ path: '', problem: 'nothing here reads messages of that queue' }],
};
/** Of these nobody knows whether reading them does harm. */
const SUSPECT: ReadonlySet<ParkReason> = new Set<ParkReason>(['crashes-decoder', 'delivery-limit']);
const KILLER: Fault = {
  reason: 'crashes-decoder',
  problems: [{ path: '', problem: 'reading it ends the process, or never ends' }],
};

/** Says what would become of a parked message now, or lets it become that. */
export class Redriver {
  readonly #parts: RedriverParts;

  constructor(parts: RedriverParts) {
    this.#parts = parts;
  }

  async run(row: ParkedMessage, how: How, signal: AbortSignal): Promise<Redriven> {
    const { vault, readsSafely, items, byQueue } = this.#parts;
    const redrive = row.kind === 'item' ? items : byQueue.get(row.queue);
    if (!redrive) return refused(UNKNOWN);
    const payload = this.#open(row, vault);
    if (!payload) return refused(this.#withKeyGone(row));
    if (SUSPECT.has(row.reason as ParkReason) && !(await readsSafely(payload))) return refused(KILLER);
    return redrive({ row, payload }, how, signal);
  }

  #open(row: ParkedMessage, vault: RedriverParts['vault']): Buffer | undefined {
    // Only its adapter opens an item.
    if (row.kind === 'item') return row.payload;
    try {
      return payloadThatCame(row, vault);
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      return undefined;
    }
  }

  #withKeyGone(row: ParkedMessage): Fault {
    const problem = 'the key that what came was sealed with is not among those of this process';
    return { reason: row.reason as ParkReason, problems: [{ path: '', problem }] };
  }
}
