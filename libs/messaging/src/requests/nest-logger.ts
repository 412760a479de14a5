import { Logger as NestLogger } from '@nestjs/common';
import type { Logger } from '@tributary/runtime';

/** What Nest's transport says, in the service's own log; its notices of loss and return are told by the link already. */
export class QuietNestLogger extends NestLogger {
  readonly #log: Logger;

  constructor(log: Logger, context: string) {
    super(context);
    this.#log = log;
  }

  override log(message: unknown): void {
    this.#log.debug({ nest: message });
  }

  override error(message: unknown): void {
    this.#log.warn({ err: message }, 'the request transport reports a failure');
  }

  override warn(message: unknown): void {
    this.#log.debug({ nest: message });
  }
}
