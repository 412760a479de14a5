/** Errors that the vendor reports beside `null` for the field, with its path. */
export class FieldError extends Error {
  override readonly name: string = 'FieldError';
}

export class Forbidden extends FieldError {
  override readonly name = 'Forbidden';

  constructor() {
    super('Forbidden');
  }
}

/** A value that fits its type and is out of range all the same: the whole query is refused, as if it were not valid. */
export class InputRefused extends Error {
  override readonly name = 'InputRefused';
}

export const notFound = (what: string) => new FieldError(`${what} not found`);

export const errorsBody = (...messages: string[]): string =>
  JSON.stringify({ errors: messages.map((message) => ({ message })) });

export const HTML_TIMEOUT =
  '<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body>\r\n<center><h1>504 Gateway Time-out</h1></center>\r\n</body>\r\n</html>\r\n';

/** What stands before the vendor says something of its own for a status. */
export function generalError(status: number): { contentType: string; body: string } {
  if (status >= 500) return { contentType: 'text/html', body: status === 504 ? HTML_TIMEOUT : htmlError(status) };
  const words: Record<number, string> = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found' };
  return { contentType: 'application/json', body: errorsBody(words[status] ?? 'Bad Request') };
}

const htmlError = (status: number): string => {
  const title = { 500: 'Internal Server Error', 502: 'Bad Gateway', 503: 'Service Temporarily Unavailable' }[status];
  return `<html>\r\n<head><title>${status} ${title ?? 'Error'}</title></head>\r\n<body></body>\r\n</html>\r\n`;
};
