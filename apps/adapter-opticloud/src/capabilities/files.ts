import {
  type Adapter,
  type Call,
  type FileContent,
  type FileQuery,
  type Limitations,
  type NativeId,
  pagesOf,
  type Window,
} from '@tributary/adapter-kit';
import { type FileInfo, InvalidRequestError, isPlatformError, MalformedResponseError } from '@tributary/contracts';
import type { OpticloudClient } from '../client.ts';
import { type ContentKind, kindOf, mediaTypes, peek } from '../content-kind.ts';
import type { DeviceTokens } from '../device-tokens.ts';
import { fileListed, fileOnServer, mergeFiles } from '../mapping.ts';

export interface FilesOptions {
  client: OpticloudClient;
  tokens: DeviceTokens;
  limitations: Limitations;
  pageSize: number;
}

/** Files that the server holds, of one device, in the window. */
export async function filesOnServer(
  { client, pageSize }: Pick<FilesOptions, 'client' | 'pageSize'>,
  device: NativeId,
  window: Window,
  call: Call,
): Promise<FileInfo[]> {
  const files: FileInfo[] = [];
  const paging = { limit: pageSize, whole: false };
  for await (const page of pagesOf(paging, (asked) => client.serverFiles(device, window, asked, call))) {
    files.push(...page.map((row) => fileOnServer(device, row)));
  }
  return files;
}

/** Every file that is known of, with where it is; none where this listing is closed to us: the other still serves. */
async function filesEverywhere(
  { client, tokens, limitations }: FilesOptions,
  device: NativeId,
  window: Window,
  call: Call,
): Promise<FileInfo[]> {
  try {
    const token = await tokens.of(device, call);
    const files = await client.allFiles(token.reveal(), window, call);
    limitations.lift('file states');
    return files.map((file) => fileListed(device, file));
  } catch (error) {
    if (!isPlatformError(error)) throw error;
    // The device tokens have noted it.
    if (error.code === 'permission-denied') return [];
    if (error.code !== 'not-found' && error.platformStatus !== 406) throw error;
    limitations.note('file states', 'files: this instance does not answer the listing with their state on the device');
    return [];
  }
}

/** What both listings say together. */
export async function allFiles(
  options: FilesOptions,
  device: NativeId,
  window: Window,
  call: Call,
): Promise<FileInfo[]> {
  const onServer = await filesOnServer(options, device, window, call);
  return mergeFiles(onServer, await filesEverywhere(options, device, window, call));
}

/** OPTI-09, then OPTI-10: one file as the platform has it, several as one ZIP. */
export async function openFiles(
  client: OpticloudClient,
  device: NativeId,
  names: readonly string[],
  call: Call,
): Promise<FileContent & { kind: ContentKind }> {
  const [first] = names;
  if (first === undefined) throw new InvalidRequestError('name at least one file');
  const token = await client.requestDownload(device, names, call);
  const { headers, bytes: body } = await client.download(device, token, call);
  const { head, bytes, abandon } = await peek(body);
  const kind = kindOf(head);
  if (names.length > 1 && kind !== 'zip') {
    await abandon();
    throw new MalformedResponseError('OPTI-10: several files were asked for, and what came is no ZIP');
  }
  const sizeBytes = lengthOf(headers);
  return {
    bytes,
    kind,
    mediaType: mediaTypes[kind],
    fileName: names.length > 1 ? 'files.zip' : asNamed(first, kind),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  };
}

// Quirk: "usually a ZIP" for several files, and possibly for one (API page, "Downloading OSF Files").
function asNamed(name: string, kind: ContentKind): string {
  const base = name.split('/').at(-1) ?? name;
  return kind === 'zip' && !base.toLowerCase().endsWith('.zip') ? `${base}.zip` : base;
}

/** The length of what will be read; an encoded answer has another than its header says. */
function lengthOf(headers: Record<string, string>): number | undefined {
  const length = headers['content-length'];
  return length !== undefined && /^\d+$/.test(length) && !headers['content-encoding'] ? Number(length) : undefined;
}

export function filesCapability(options: FilesOptions): NonNullable<Adapter['files']> {
  return {
    async *list({ device, fromMs, toMs, limit }: FileQuery, signal) {
      const call: Call = { lane: 'interactive', signal };
      yield* (await allFiles(options, device, { fromMs, toMs }, call)).slice(0, limit);
    },

    open: (device, names, signal) => openFiles(options.client, device, names, { lane: 'interactive', signal }),
  };
}
