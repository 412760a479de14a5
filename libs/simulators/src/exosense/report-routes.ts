import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { reportFile } from './report-file.ts';
import type { ExosenseState } from './state.ts';

const query = z.object({ expires: z.coerce.number().int(), signature: z.string() });

/** Where report files are fetched from: outside the endpoint and its limits, by addresses that are good for a while. */
export function reportRoutes(app: FastifyInstance, state: ExosenseState): void {
  app.get('/reports/:contentId', { config: { operation: 'report-file' } }, (request, reply) => {
    const given = query.safeParse(request.query);
    if (!given.success) return reply.code(403).send('');
    const { contentId } = request.params as { contentId: string };
    const found = state.reports.download(contentId, given.data.expires, given.data.signature);
    if ('refused' in found) return reply.code(found.refused).send('');
    const { signals, from, to } = found.job;
    for (const { id, asset } of signals) for (const ts of [from, to]) request.simulated.served?.add(asset.id, ts, id);
    reply.header('content-disposition', `attachment; filename="${found.job.filename}"`);
    return reply.type('text/csv; charset=utf-8').send(Readable.from(reportFile(found.job, state)));
  });
}
