import { describe, expect, it } from '@jest/globals';
import { platformResource } from '@tributary/contracts';
import { z } from 'zod';
import { type Adapter, type AdapterDefinition, defineAdapter } from '../contract.ts';
import { announcementOf } from './announcement.ts';
import { makeInstance } from './supervision/connection-instance.ts';
import { instanceWith } from './testing/made-instance.ts';

const manifest = {
  platform: 'acme',
  displayName: 'Acme',
  capabilities: [],
  budgets: {},
  schedules: { discover: '1m', follow: '1m' },
};
const adapter: Adapter = { probe: async () => {} };
const connected: unknown[] = [];
const definitionOf = <S extends z.ZodType, C extends z.ZodType>(settings: S, credentials: C): AdapterDefinition =>
  defineAdapter({
    manifest,
    settings,
    credentials,
    connect: (config) => {
      connected.push(config);
      return adapter;
    },
  }) as unknown as AdapterDefinition;

const byPassword = z.strictObject({ publicKey: z.string(), username: z.string(), password: z.string() });
const anonymous = z.strictObject({ publicKey: z.string(), anonymous: z.string() });
const twoWays = z.union([byPassword, anonymous]);

describe('an announcement', () => {
  it('of one form names its members', () => {
    const { settingsSchema, credentialsSchema } = announcementOf(
      definitionOf(z.strictObject({ a: z.string() }), byPassword),
      0,
    );
    expect(settingsSchema).toMatchObject({ required: ['a'], properties: { a: {}, schedules: {}, budgets: {} } });
    expect(Object.keys(credentialsSchema.properties as object)).toEqual(['publicKey', 'username', 'password']);
  });

  it('of a choice of credentials says each form, and which members there are in all', () => {
    const resource = platformResource.parse(announcementOf(definitionOf(z.strictObject({}), twoWays), 0));
    expect(resource.credentialsSchema).toMatchObject({
      type: 'object',
      anyOf: [
        { required: ['publicKey', 'username', 'password'], additionalProperties: false },
        { required: ['publicKey', 'anonymous'], additionalProperties: false },
      ],
      properties: { publicKey: { type: 'string' }, username: {}, password: {}, anonymous: {} },
    });
  });

  it('of a choice of settings lets every form have the common ones', () => {
    const settings = z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('cloud') }),
      z.strictObject({ kind: z.literal('own'), url: z.url() }),
    ]);
    const { settingsSchema } = announcementOf(definitionOf(settings, byPassword), 0);
    const forms = (settingsSchema.anyOf ?? settingsSchema.oneOf) as { properties: object }[];
    expect(forms.map(({ properties }) => Object.keys(properties))).toEqual([
      expect.arrayContaining(['kind', 'schedules', 'budgets']),
      expect.arrayContaining(['kind', 'url', 'schedules', 'budgets']),
    ]);
    expect(settingsSchema.properties).toMatchObject({ kind: {}, url: { type: 'string' }, schedules: {} });
  });
});

describe('a connection of a platform with two ways of logging in', () => {
  const { record, access } = instanceWith(adapter);
  const make = (plain: Record<string, string>) =>
    makeInstance(record, {
      definition: definitionOf(z.strictObject({}), twoWays),
      vault: { seal: () => '', open: () => plain },
      makeAccess: () => access,
    });

  it('takes either', () => {
    for (const credentials of [
      { publicKey: 'k', username: 'u', password: 'secret' },
      { publicKey: 'k', anonymous: 'a' },
    ]) {
      make(credentials);
      expect(connected.at(-1)).toMatchObject({ credentials });
    }
  });

  it('is told what its credentials lack by the form that is nearest, and no value', () => {
    const failure = () => make({ publicKey: 'k', username: 'secret' });
    expect(failure).toThrow(/the credentials do not fit: \/password/);
    expect(failure).not.toThrow(/secret/);
  });
});
