import type { IncomingMessage, ServerResponse } from 'node:http';

/** What waits at the desk for its one client. */
export interface Errand {
  readonly method: 'GET' | 'PUT';
  /** Nobody came, or the process stops: everything it holds is given back. May be called at any time. */
  letGo(reason: Error): void;
  /** Answers the request, well or badly; never rejects. */
  run(request: IncomingMessage, response: ServerResponse): Promise<void>;
}
