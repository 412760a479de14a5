import { afterEach, describe, expect, it } from '@jest/globals';
import { ask, startStill } from '../../test/exosense-caller.ts';
import { dig } from '../../test/opticloud-caller.ts';
import { TOKENS } from './accounts.ts';
import { allResolvers } from './resolvers.ts';
import { createSchema } from './schema-dialect.ts';
import type { ExosenseSimulator } from './server.ts';

const running: ExosenseSimulator[] = [];
afterEach(() => Promise.all(running.splice(0).map((sim) => sim.stop())));

describe('schema of an instance', () => {
  it('EXO-21 calls fields by other names, with the same rights, and leaves others out', async () => {
    const sim = await startStill({
      schema: { rename: { 'Mutation.createAsset': 'addAsset' }, without: ['Mutation.controlSignal', 'Asset.rulez'] },
    });
    running.push(sim);
    const made = await ask(sim, 'mutation { addAsset(asset: {name: "x"}) { name } }');
    expect(dig(made.json, 'data')).toEqual({ addAsset: { name: 'x' } });
    for (const query of [
      'mutation { createAsset(asset: {name: "x"}) { id } }',
      'mutation { controlSignal(signal_id: "x", value: "1") { value } }',
      '{ assets { rulez { id } } }',
    ]) {
      expect((await ask(sim, query)).status).toBe(400);
    }
    await sim.actions.run('set-answers', { forbidden: 'http' });
    expect((await ask(sim, 'mutation { addAsset(asset: {name: "x"}) { name } }', TOKENS.viewer)).status).toBe(403);
  });

  it('refuses a dialect about fields that there are not', () => {
    const dialect = { without: ['Query.weather'], rename: { 'Asset.colour': 'hue' }, rangeArguments: false };
    expect(() => createSchema(dialect, allResolvers())).toThrow('Query.weather, Asset.colour');
  });

  it('has a field in the schema for everything that is resolved', () => {
    const schema = createSchema({ without: [], rename: {}, rangeArguments: false }, allResolvers());
    for (const [type, fields] of Object.entries(allResolvers())) {
      const known = schema.getType(type);
      for (const name of Object.keys(fields)) {
        expect([type, name, known && 'getFields' in known && name in known.getFields()]).toEqual([type, name, true]);
      }
    }
  });
});
