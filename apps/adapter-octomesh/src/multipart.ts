import { randomBytes } from 'node:crypto';
import type { FileToUpload } from '@tributary/adapter-kit';

/** A file as the one part of a `multipart/form-data` body, passed on chunk by chunk. */
export function multipart(part: string, file: FileToUpload) {
  const boundary = `tributary-${randomBytes(16).toString('hex')}`;
  const head = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="${part}"; filename="${quoted(file.name)}"\r\n` +
      `Content-Type: ${mediaType(file.mediaType)}\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    mediaType: `multipart/form-data; boundary=${boundary}`,
    bytes: around(head, file.bytes, tail),
    ...(file.sizeBytes === undefined ? {} : { sizeBytes: head.length + file.sizeBytes + tail.length }),
  };
}

async function* around(head: Uint8Array, bytes: AsyncIterable<Uint8Array>, tail: Uint8Array) {
  yield head;
  yield* bytes;
  yield tail;
}

/** As HTML forms send names: what would end the line or the quotes is percent-encoded (RFC 7578 section 4.2). */
const quoted = (name: string): string =>
  name.toWellFormed().replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');

const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?: *; *[\w!#$&^.+-]+=(?:[\w!#$&^.+-]+|"[^"\r\n]*"))*$/;

const mediaType = (given: string): string => (MEDIA_TYPE.test(given) ? given : 'application/octet-stream');
