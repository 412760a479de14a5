import { afterAll, describe, expect, it } from '@jest/globals';
import { listens, missingPrograms, type OwnService, ownPostgres, ownRabbitmq, ownRedis } from './own-services.ts';

const describeWhere = missingPrograms().length === 0 ? describe : describe.skip;

describeWhere('services of a test’s own', () => {
  const made: OwnService[] = [];
  afterAll(() => Promise.all(made.map((service) => service.remove())));

  it.each([
    ['Postgres', ownPostgres],
    ['Redis', ownRedis],
    ['RabbitMQ', ownRabbitmq],
  ])(
    '%s starts, stops, is killed and starts again',
    async (_name, make) => {
      const service = await make();
      made.push(service);
      expect(await listens(service.port)).toBe(true);
      await service.stop();
      expect(await listens(service.port)).toBe(false);
      await service.start();
      await service.kill();
      expect(await listens(service.port)).toBe(false);
      await service.start();
      expect(await listens(service.port)).toBe(true);
    },
    180_000,
  );
});
