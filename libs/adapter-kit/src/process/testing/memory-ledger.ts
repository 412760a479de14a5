import { type CommandState, canAdvance } from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';
import type { Checkpoint } from '../../contract.ts';
import type { Ledger, LedgerCommand, Step } from '../ports.ts';

interface Row extends LedgerCommand {
  claimedAtMs: number;
  claimEpoch: number | undefined;
  steps: { to: CommandState; step: Step }[];
}

/** The account of commands in memory, for tests: the same ladder, the same conditions. */
export class MemoryLedger implements Ledger {
  readonly rows = new Map<string, Row>();
  /** Epoch of each connection's lease, where a test cares. */
  readonly epochs = new Map<string, number>();
  readonly #clock: Clock;
  away = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  accept(command: Omit<LedgerCommand, 'state'>): LedgerCommand {
    const row: Row = { ...command, state: 'accepted', claimedAtMs: 0, claimEpoch: undefined, steps: [] };
    this.rows.set(row.commandId, row);
    return row;
  }

  async get(commandId: string): Promise<LedgerCommand | undefined> {
    this.#answer();
    const row = this.rows.get(commandId);
    return row && { ...row };
  }

  async claim(
    commandId: string,
    by: { replica: string; epoch?: number | undefined },
    takeOver?: { olderThanMs: number },
  ): Promise<boolean> {
    this.#answer();
    const row = this.rows.get(commandId);
    if (!row || Date.parse(row.expiresAt) <= this.#clock.now()) return false;
    if (by.epoch !== undefined && (this.epochs.get(row.connectionId) ?? by.epoch) !== by.epoch) return false;
    const dead = takeOver && this.#isDead(row, takeOver.olderThanMs);
    if (row.state !== 'accepted' && !dead) return false;
    Object.assign(row, { state: 'dispatched', claimedAtMs: this.#clock.now(), claimEpoch: by.epoch });
    return true;
  }

  async advance(commandId: string, to: CommandState, step: Step): Promise<boolean> {
    this.#answer();
    const row = this.rows.get(commandId);
    if (!row || !canAdvance(row.state, to)) return false;
    row.state = to;
    row.steps.push({ to, step });
    if (step.reference) row.reference = step.reference;
    return true;
  }

  async dueForFollow(connectionIds: readonly string[]): Promise<LedgerCommand[]> {
    const open: CommandState[] = ['dispatched', 'acknowledged', 'queued', 'delivered', 'unknown'];
    return [...this.rows.values()].filter(
      (row) => connectionIds.includes(row.connectionId) && open.includes(row.state) && row.reference,
    );
  }

  async deadClaims(
    connectionIds: readonly string[],
    { olderThanMs }: { olderThanMs: number },
  ): Promise<LedgerCommand[]> {
    return [...this.rows.values()].filter(
      (row) => connectionIds.includes(row.connectionId) && this.#isDead(row, olderThanMs),
    );
  }

  async waiting(): Promise<LedgerCommand[]> {
    return [];
  }

  async expireDue(): Promise<number> {
    return 0;
  }

  async followed(commandId: string, reference?: Checkpoint): Promise<void> {
    const row = this.rows.get(commandId);
    if (row && reference) row.reference = reference;
  }

  #isDead(row: Row, olderThanMs: number): boolean {
    if (row.state !== 'dispatched' || row.reference) return false;
    const passedOn = row.claimEpoch !== undefined && (this.epochs.get(row.connectionId) ?? 0) > row.claimEpoch;
    return passedOn || row.claimedAtMs < this.#clock.now() - olderThanMs;
  }

  #answer(): void {
    if (this.away) throw new Error('the database is away');
  }
}
