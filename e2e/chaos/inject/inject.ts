import type { Fault } from '../plan/faults.ts';
import { injectIntoBroker } from './broker.ts';
import { injectIntoCache } from './cache.ts';
import { injectIntoDatabase } from './database.ts';
import type { Injection } from './injection.ts';
import { injectIntoPlatform } from './platforms.ts';
import { injectPoison } from './poison.ts';
import { injectIntoService } from './processes.ts';
import { injectIntoWire } from './wires.ts';

/** Resolves when the fault is over; rejects when it could not be done or ended. */
export function inject(fault: Fault, injection: Injection): Promise<void> {
  switch (fault.kind) {
    case 'kill':
    case 'restart':
    case 'pause':
    case 'failpoint':
    case 'clock':
      return injectIntoService(fault, injection);
    case 'broker-kill':
    case 'broker-restart':
    case 'broker-close-connections':
    case 'broker-alarm':
      return injectIntoBroker(fault, injection);
    case 'database-stop':
    case 'database-terminate':
    case 'database-read-only':
    case 'database-full':
      return injectIntoDatabase(fault, injection);
    case 'cache-flush':
    case 'cache-kill':
    case 'cache-full':
      return injectIntoCache(fault, injection);
    case 'lost-reply':
    case 'wire':
      return injectIntoWire(fault, injection);
    case 'vendor':
    case 'pause-connection':
    case 'edit-connection':
      return injectIntoPlatform(fault, injection);
    case 'poison':
      return injectPoison(fault, injection);
  }
}
