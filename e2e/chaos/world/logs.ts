import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

export interface LoggedTrouble {
  service: string;
  level: string;
  message: string;
  /** Class of the error that the record carries; absent for a line that no logger wrote. */
  type?: string;
}

const LEVELS = new Set(['error', 'fatal']);
const KEPT = 2_000;

/** Everything that the services print: kept in files, and looked at for what should not be there. */
export class Logs {
  readonly folder: string;
  readonly #files = new Map<string, WriteStream>();
  readonly #secrets = new Set<string>();
  /** Lines at level error and above. */
  readonly troubles: LoggedTrouble[] = [];
  /** Which service printed which secret. */
  readonly leaks: string[] = [];
  lines = 0;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** From now on nobody may print this. */
  keepSecret(...secrets: string[]): void {
    for (const secret of secrets) this.#secrets.add(secret);
  }

  get secrets(): string[] {
    return [...this.#secrets];
  }

  hasSecret(text: string): boolean {
    for (const secret of this.#secrets) if (text.includes(secret)) return true;
    return false;
  }

  take(service: string, line: string): void {
    this.lines += 1;
    this.#fileOf(service).write(`${line}\n`);
    if (this.hasSecret(line)) this.leaks.push(`${service} printed a secret`);
    const record = parse(line);
    const level = String(record?.level ?? 'error');
    if (!LEVELS.has(level)) return;
    // What is no record was written by no logger: a crash.
    if (!record && !/^\s*(at |Error|node:|.*Error:)/.test(line)) return;
    if (this.troubles.length >= KEPT) return;
    const type = record && String((record.err as { type?: unknown } | undefined)?.type ?? 'Error');
    this.troubles.push({
      service,
      level,
      message: String(record?.msg ?? line),
      ...(type === undefined ? {} : { type }),
    });
  }

  close(): void {
    for (const file of this.#files.values()) file.end();
  }

  #fileOf(service: string): WriteStream {
    const file = this.#files.get(service) ?? createWriteStream(join(this.folder, `${service}.log`), { flags: 'a' });
    this.#files.set(service, file);
    return file;
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
