import { once } from 'node:events';
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { prettyFactory } from 'pino-pretty';
import { stateFolder } from './local-state.ts';
import type { ShownLogs } from './log-arguments.ts';
import { say } from './progress.ts';

const folder = join(stateFolder, 'logs');

/** How much of a service's log stands in a message; the rest is in its file. */
const LAST_LINES = 20;

/** Keeps each service's log in a file of its own, and shows it readably on request. */
export class LogView {
  readonly folder = folder;
  readonly #shown: ShownLogs;
  readonly #files = new Map<string, WriteStream>();
  readonly #pretty = prettyFactory({
    colorize: process.stdout.isTTY ?? false,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname,service',
    messageFormat: '[{service}] {msg}',
    singleLine: true,
  });

  constructor(shown: ShownLogs) {
    mkdirSync(folder, { recursive: true });
    this.#shown = shown;
  }

  take(service: string, line: string): void {
    this.#fileOf(service).write(`${line}\n`);
    if (this.#shown === 'all' || this.#shown.includes(service)) say(this.#readable(service, line));
  }

  /** The end of what a service printed, and where the rest is. */
  lastWords(service: string, output: string): string {
    const lines = output.split('\n').filter((line) => line !== '');
    const readable = lines.slice(-LAST_LINES).map((line) => `  ${this.#readable(service, line)}`);
    return [...readable, `Its whole log: ${join(folder, `${service}.log`)}`].join('\n');
  }

  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => once(file.end(), 'close')));
  }

  #readable(service: string, line: string): string {
    return line.startsWith('{') ? String(this.#pretty(line)).trimEnd() : `[${service}] ${line}`;
  }

  #fileOf(service: string): WriteStream {
    const open = this.#files.get(service) ?? createWriteStream(join(folder, `${service}.log`), { flags: 'w' });
    this.#files.set(service, open);
    return open;
  }
}
