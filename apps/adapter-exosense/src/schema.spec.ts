import { describe, expect, it } from '@jest/globals';
import { buildSchema, getIntrospectionQuery, graphqlSync } from 'graphql';
import { type DocumentName, documents } from './dialect.ts';
import { Offered } from './schema.ts';

const full = /* GraphQL */ `
  scalar JSON
  input Pagination { limit: Int, offset: Int }
  input Newest { limit: Int }
  input NewAsset { name: String!, group_id: ID, meta: JSON }
  type Point { timestamp: String value: Float valueString: String }
  type Unit { id: ID! abbr: String }
  type Signal { id: ID! name: String units: Unit reportRate: Float primitive_type: String data(options: Newest): [Point] }
  type Group { id: ID! name: String }
  type Asset { id: ID! name: String parent: Group template: Group location: String signals: [Signal] }
  type User { id: ID! email: String }
  type Query { assetList(pagination: Pagination): [Asset] asset(id: ID!): Asset groups: [Group] }
  type Mutation {
    deleteAsset(id: ID!): Asset
    addAsset(asset: NewAsset!): Asset
    inviteUser(email: String!, role_id: ID!, group_ids: [ID!]!): User
  }
`;
const introspected = (source: string, names = {}) =>
  Offered.introspected(graphqlSync({ schema: buildSchema(source), source: getIntrospectionQuery() }).data, names);

const offered = introspected(full, { assets: 'assetList', createAsset: 'addAsset' });

describe('what an instance offers', () => {
  it('asks only for what is there, under the name it has there, with the types it has there', () => {
    const fitted = offered.document('points');
    expect(fitted?.problems).toEqual([]);
    expect([...(fitted?.variables ?? [])]).toEqual([
      ['assetId', 'ID!'],
      ['newest', 'Newest'],
    ]);
    expect(fitted?.text).not.toMatch(/record|type \{/);
    expect(offered.offers('points', 'asset.signals.data')).toBe(true);
    expect(offered.offers('points', 'asset.signals.record')).toBe(false);
  });

  it('answers under the wished name where the instance has another', () => {
    expect(offered.document('probe')?.text).toContain('assets: assetList(pagination: $pagination)');
  });

  it('asks for a plain value where the instance has no members, and for the id where it has only that', () => {
    const text = offered.document('assets')?.text ?? '';
    expect(text).toMatch(/reportRate\n/);
    expect(text).toMatch(/location\n/);
  });

  it('has no document for a root field that is absent, and drops an argument that is', () => {
    expect(offered.document('logs')).toBeUndefined();
    expect(offered.document('groups')?.text).toContain('groups {');
    expect(offered.has('createReport')).toBe(false);
  });

  it('says what the settings name and the schema lacks', () => {
    const wrong = introspected(full, { createAsset: 'assetCreate' });
    expect(wrong.problems()).toEqual([
      "the platform's schema has no query assets",
      "settings.names.createAsset: the platform's schema has no mutation assetCreate",
    ]);
    expect(offered.problems()).toEqual([]);
  });

  it('puts values into the input object or the arguments that a mutation takes', () => {
    const { text, variables } = offered.mutation('createAsset', { name: 'Pump', groupId: 'g' });
    expect(variables).toEqual({ asset: { name: 'Pump', group_id: 'g' } });
    expect(text).toContain('$asset: NewAsset!');
    expect(offered.mutation('inviteUser', { email: 'a@b', roleId: 'r', group_ids: ['g'] }).variables).toEqual({
      email: 'a@b',
      role_id: 'r',
      group_ids: ['g'],
    });
    expect(offered.inputs('createAsset').map(({ name, required }) => [name, required])).toEqual([
      ['name', true],
      ['group_id', false],
      ['meta', false],
    ]);
  });

  it('names what is missing and what is not taken', () => {
    expect(() => offered.mutation('createAsset', { meta: {} })).toThrow('requires name');
    expect(() => offered.mutation('createAsset', { name: 'x', colour: 'red' })).toThrow(
      'does not take colour; it takes name, group_id, meta',
    );
    expect(() => offered.mutation('controlSignal', {})).toThrow('no mutation controlSignal');
  });

  it('gets by with what the vendor documents', () => {
    const documented = Offered.documented();
    expect(documented.problems()).toEqual([]);
    expect(documented.document('assets')?.text.replaceAll(/\s+/g, ' ')).toBe(
      'query Assets($pagination: Pagination) { assets(pagination: $pagination) { id name } }',
    );
    expect(documented.offers('points', 'asset.signals')).toBe(false);
    for (const name of Object.keys(documents) as DocumentName[]) {
      expect(documented.document(name)?.problems ?? []).toEqual([]);
    }
  });

  it('refuses an answer that is no schema', () => {
    expect(() => Offered.introspected({ __schema: {} }, {})).toThrow('no schema');
  });
});
