import type { FileToUpload } from '@tributary/adapter-kit';
import { MalformedResponseError, type UploadedFile } from '@tributary/contracts';
import type { OctomeshClient } from '../client.ts';

/** OCTO-21: sends a file to the tenant. The platform documents no way to list it or to have it back. */
export async function uploadFile(
  client: OctomeshClient,
  file: FileToUpload,
  signal: AbortSignal,
): Promise<UploadedFile> {
  const { id, fileName, contentType, size } = await client.uploadFile(file, { lane: 'command', signal });
  if (!id) throw new MalformedResponseError('OCTO-21: the platform has taken the file and tells no id of it');
  const mediaType = contentType ?? file.mediaType;
  const sizeBytes = size ?? file.sizeBytes;
  return {
    nativeId: id,
    name: fileName ?? file.name,
    mediaType,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  };
}
