import { expect } from '@jest/globals';
import { problem } from '@tributary/contracts';

const MARKS_OF_INSIDE = /\bat .*\.(?:ts|js):\d+|select .* from |node_modules|\/work\/|ECONN|pg_|prisma/i;

/** Every failure is a problem document, tells nothing of the inside, and is no 500. */
export function expectProblem(
  answer: { statusCode: number; headers: Record<string, unknown>; body: string },
  what: string,
): void {
  if (!String(answer.headers['content-type']).startsWith('application/problem+json')) {
    throw new Error(`${what}: ${answer.statusCode} ${answer.headers['content-type']} ${answer.body.slice(0, 200)}`);
  }
  const parsed = problem.safeParse(JSON.parse(answer.body));
  if (!parsed.success) throw new Error(`${what}: ${parsed.error.message} ${answer.body}`);
  if (parsed.data.status !== answer.statusCode || answer.statusCode === 500) throw new Error(`${what}: ${answer.body}`);
  expect(answer.body).not.toMatch(MARKS_OF_INSIDE);
  expect(parsed.data.traceId).toMatch(/^[0-9a-f]{32}$/);
}
