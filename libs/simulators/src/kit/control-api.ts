import { Readable } from 'node:stream';
import { type FastifyInstance, fastify } from 'fastify';
import { ZodError, z } from 'zod';
import { UnknownActionError } from './actions.ts';
import { faultSchema, scopeSchema } from './fault-types.ts';
import type { Simulator } from './simulator.ts';

const wholeNumber = z.coerce.number().int();

const journalQuery = z.strictObject({
  protocol: z.enum(['http', 'mqtt']).optional(),
  operation: z.union([z.string(), z.array(z.string())]).optional(),
  method: z.string().optional(),
  path: z.string().optional(),
  status: wholeNumber.optional(),
  credential: z.string().optional(),
  session: z.string().optional(),
  detail: z.union([z.string(), z.array(z.string())]).optional(),
  after: wholeNumber.optional(),
  since: wholeNumber.optional(),
  limit: wholeNumber.min(1).default(1000),
});

const truthQuery = z.strictObject({
  device: z.string().optional(),
  signal: z.string().optional(),
  from: wholeNumber.optional(),
  to: wholeNumber.optional(),
});

const clockChange = z.strictObject({
  offsetMs: z.number().optional(),
  shiftMs: z.number().optional(),
  speed: z.number().min(0).optional(),
});

/** The same operations as the TypeScript interface, for tests and people outside the process. */
export function createControlApi(simulator: Simulator): FastifyInstance {
  const app = fastify({ logger: false, forceCloseConnections: true });
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof ZodError) return reply.code(400).send({ error: z.prettifyError(error) });
    if (error instanceof UnknownActionError || error instanceof RangeError)
      return reply.code(404).send({ error: error.message });
    return reply.code(statusOf(error)).send({ error: error instanceof Error ? error.message : String(error) });
  });
  aboutTheWhole(app, simulator);
  aboutFaults(app, simulator);
  aboutJournal(app, simulator);
  aboutTruth(app, simulator);
  return app;
}

function statusOf(error: unknown): number {
  const status = (error as { statusCode?: unknown }).statusCode;
  return typeof status === 'number' ? status : 500;
}

function aboutTheWhole(app: FastifyInstance, simulator: Simulator): void {
  app.get('/_control', () => ({
    platform: simulator.platform,
    url: simulator.url,
    ...simulator.addresses,
    demoConnection: simulator.demoConnection,
    clock: simulator.clock.report(),
    production: { paused: simulator.production.paused },
    truth: simulator.truth.counts(),
    faults: simulator.faults.list().length,
    journal: { position: simulator.journal.position, dropped: simulator.journal.dropped },
  }));
  app.get('/_control/clock', () => simulator.clock.report());
  app.put('/_control/clock', (request) => {
    const change = clockChange.parse(request.body);
    if (change.offsetMs !== undefined) simulator.clock.setOffset(change.offsetMs);
    if (change.shiftMs !== undefined) simulator.clock.shift(change.shiftMs);
    if (change.speed !== undefined) simulator.clock.setSpeed(change.speed);
    return simulator.clock.report();
  });
  app.post('/_control/clock/advance', async (request) => {
    await simulator.clock.advance(z.strictObject({ ms: z.number().min(0) }).parse(request.body).ms);
    return simulator.clock.report();
  });
  app.post('/_control/production/:order', (request) => {
    const { order } = z.object({ order: z.enum(['pause', 'resume']) }).parse(request.params);
    simulator.production[order]();
    return { paused: simulator.production.paused };
  });
  app.get('/_control/actions', () => simulator.actions.describe());
  app.post('/_control/actions/:name', async (request) => {
    const { name } = request.params as { name: string };
    return { result: (await simulator.actions.run(name, request.body ?? {})) ?? null };
  });
}

function aboutFaults(app: FastifyInstance, { faults }: Simulator): void {
  app.get('/_control/faults', () => ({ items: faults.list() }));
  app.post('/_control/faults', async (request, reply) => {
    const { fault, scope } = z
      .strictObject({ fault: faultSchema, scope: scopeSchema.prefault({}) })
      .parse(request.body);
    const id = faults.add(fault, scope);
    await faults.settled();
    reply.code(201);
    return { id };
  });
  app.delete('/_control/faults', async () => {
    const cleared = faults.clear();
    await faults.settled();
    return { cleared };
  });
  app.delete('/_control/faults/:id', async (request, reply) => {
    const cleared = faults.clear((request.params as { id: string }).id);
    await faults.settled();
    return reply.code(cleared === 0 ? 404 : 200).send({ cleared });
  });
}

function aboutJournal(app: FastifyInstance, { journal }: Simulator): void {
  const page = () => ({ position: journal.position, dropped: journal.dropped });
  app.get('/_control/journal', (request) => ({ items: journal.entries(journalQuery.parse(request.query)), ...page() }));
  app.get('/_control/journal/counts', (request) => ({
    counts: journal.counts({ ...journalQuery.parse(request.query), limit: undefined }),
    ...page(),
  }));
  app.delete('/_control/journal', () => {
    journal.clear();
    return page();
  });
}

function aboutTruth(app: FastifyInstance, { truth }: Simulator): void {
  app.get('/_control/truth', (request) => truth.counts(truthQuery.parse(request.query)));
  app.get('/_control/truth/latest', (request) => {
    const { device, signal } = truthQuery.parse(request.query);
    return { items: truth.latest({ device, signal }) };
  });
  // One point a line: a million of them never stand in memory as one text.
  app.get('/_control/truth/points', (request, reply) => {
    const points = truth.points(truthQuery.parse(request.query));
    return reply.type('application/x-ndjson').send(Readable.from(lines(points)));
  });
  app.get('/_control/truth/corrected', (request, reply) => {
    const points = truth.corrected(truthQuery.parse(request.query));
    return reply.type('application/x-ndjson').send(Readable.from(lines(points)));
  });
  app.get('/_control/truth/revisions', (request) => {
    const query = z.strictObject({ device: z.string(), signal: z.string(), ts: wholeNumber }).parse(request.query);
    return { items: truth.revisions(query.device, query.signal, query.ts) };
  });
}

function* lines(items: Iterable<unknown>): Generator<string> {
  let block = '';
  for (const item of items) {
    block += `${JSON.stringify(item)}\n`;
    if (block.length < 65_536) continue;
    yield block;
    block = '';
  }
  if (block) yield block;
}
