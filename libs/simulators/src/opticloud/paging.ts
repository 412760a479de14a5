import { z } from 'zod';
import { badRequest } from './vendor-error.ts';

const digits = /^-?\d{1,15}$/;

export const wholeNumber = z.string().regex(digits, 'a whole number is required').transform(Number);

export const pageQuery = z.object({ page: wholeNumber.default(0), limit: wholeNumber.default(100) });

export interface Page<T> {
  data: T[];
  totalPages: number;
  totalElements: number;
  hasNext: boolean;
}

/** Pages count from zero; a limit of -1 is everything. Throws 400. */
export function pageOf<T>(items: readonly T[], { page, limit }: { page: number; limit: number }): Page<T> {
  if (page < 0) throw badRequest("Incorrect 'page' parameter: must not be negative");
  if (limit === 0 || limit < -1) throw badRequest("Incorrect 'limit' parameter: must be positive, or -1");
  const size = limit === -1 ? Math.max(items.length, 1) : limit;
  return {
    data: items.slice(page * size, (page + 1) * size),
    totalPages: Math.ceil(items.length / size),
    totalElements: items.length,
    hasNext: (page + 1) * size < items.length,
  };
}
