// Runs in a process of its own: reads bodies that may be what ended the process before. Answers each body that it
// survived with its number, nothing else; the body itself is read again by the one who asked.
import { parseEvent } from '@tributary/contracts';
import { readBody } from './message-body.ts';
import { parseTelemetry } from './telemetry-message.ts';

interface Question {
  number: number;
  body: Uint8Array;
}

function read(body: Uint8Array): void {
  const json = readBody(Buffer.from(body));
  if (!json.ok) return;
  parseTelemetry(json.json);
  try {
    parseEvent(json.json);
  } catch (error) {
    // Nested too deeply: the readers in the service know how to refuse that.
    if (!(error instanceof RangeError)) throw error;
  }
}

process.on('message', ({ number, body }: Question) => {
  read(body);
  process.send?.({ number });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
