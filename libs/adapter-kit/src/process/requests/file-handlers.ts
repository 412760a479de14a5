import type { RequestHandlers } from '@tributary/messaging';
import { given, method, type On } from './capability.ts';
import { readFiles } from './listings.ts';

/** Where bytes pass through; what is answered here is only the address. */
export interface FileCounter {
  open(file: { connectionId: string; device: string; names: string[] }, signal: AbortSignal): Promise<string>;
  receive(file: FileAnnounced): Promise<string>;
}

export interface FileAnnounced {
  connectionId: string;
  name: string;
  mediaType: string;
  sizeBytes?: number;
}

export function fileHandlers(on: On, desk: FileCounter) {
  return {
    'files.list': on(
      'files.list',
      (adapter) => method(adapter.files, 'list'),
      (list, { payload: { nativeId: device, from, to, limit }, signal }) =>
        readFiles(list({ device, fromMs: Date.parse(from), toMs: Date.parse(to), limit }, signal), limit),
    ),
    'files.open': async ({ connectionId, nativeId: device, names }, { signal }) => ({
      url: await desk.open({ connectionId, device, names }, signal),
    }),
    'files.receive': async ({ connectionId, name, mediaType, sizeBytes }) => ({
      url: await desk.receive({ connectionId, name, mediaType, ...given({ sizeBytes }) }),
    }),
  } satisfies RequestHandlers;
}
