import type { AuditLog } from '@tributary/database';
import type { CallerIdentity } from '../auth/caller.ts';

type Runner = Parameters<AuditLog['record']>[1];

export interface AuditEntry {
  /** What was done, such as `connection.created`. */
  action: string;
  /** Id of what it was done to. */
  target: string;
  /** Names of changed members and the like; never a secret. */
  details?: Parameters<AuditLog['record']>[0]['details'];
  traceId: string;
}

/** Writes who changed what. Pass the transaction of the change, so that neither is without the other. */
export const writeAudit = (
  audit: AuditLog,
  caller: Pick<CallerIdentity, 'workspace' | 'actor'>,
  entry: AuditEntry,
  runner?: Runner,
): Promise<void> => audit.record({ workspace: caller.workspace, actor: caller.actor, ...entry }, runner);
