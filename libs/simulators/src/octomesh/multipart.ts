import { restRefusal } from './vendor-error.ts';

export class ByteLimitError extends Error {
  override readonly name = 'ByteLimitError';
}

/** The part called `file`; undefined without one. Throws 400 for a body that is no form, `ByteLimitError` when it is too big. */
export async function filePart(
  body: Buffer,
  contentType: string,
  maxBytes: number,
): Promise<{ fileName: string; contentType: string; size: number } | undefined> {
  const file = (await formOf(body, contentType)).get('file');
  if (!(file instanceof File)) return undefined;
  if (file.size > maxBytes) throw new ByteLimitError(`a file may have ${maxBytes} bytes`);
  return { fileName: file.name, contentType: file.type || 'application/octet-stream', size: file.size };
}

/** Node reads forms itself. */
async function formOf(body: Buffer, contentType: string): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
  } catch (error) {
    throw Object.assign(restRefusal(400, 'The body is not multipart/form-data'), { cause: error });
  }
}
