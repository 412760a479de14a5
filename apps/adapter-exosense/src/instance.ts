import type { Call, ConnectionKit, Limitations, NativeId } from '@tributary/adapter-kit';
import {
  isPlatformError,
  type Json,
  MalformedResponseError,
  NotFoundError,
  UnsupportedError,
} from '@tributary/contracts';
import { z } from 'zod';
import type { Answer } from './answers.ts';
import type { ExosenseClient, Question } from './client.ts';
import { type DocumentName, documents, type FoundMutation, type rootFields } from './dialect.ts';
import { failureOf } from './errors.ts';
import type { Offered } from './schema.ts';
import type { SchemaKeeper } from './schema-keeper.ts';
import * as wire from './wire.ts';

/** A page of a bare list. Quirk: no total and no cursor; the only end is a page that is not full (API page, "Arguments"). */
export interface Page {
  limit: number;
  offset: number;
}

export interface AssetWithSignals {
  asset: wire.Asset;
  signals: wire.Signal[];
}

/** Ids of the vendor's operations, for metrics, errors and the journal. */
const operations: Partial<Record<DocumentName, string>> = {
  probe: 'EXO-06',
  assets: 'EXO-06',
  assetList: 'EXO-06',
  asset: 'EXO-07',
  control: 'EXO-21',
  deleteAsset: 'EXO-10',
};
const EXPECTED_MS: Partial<Record<DocumentName, number>> = { assets: 1_500, probe: 100 };

/** One instance of ExoSense: what can be asked of it, in the words of its own schema. */
export class Instance {
  constructor(
    readonly client: ExosenseClient,
    private readonly schema: SchemaKeeper,
    private readonly own: { kit: Pick<ConnectionKit, 'items'>; limitations: Limitations },
  ) {}

  offered(call: Call): Promise<Offered> {
    return this.schema.offered(call);
  }

  /** What was offered when last asked; undefined before. */
  get known(): Offered | undefined {
    return this.schema.known;
  }

  /** One asset of the documented listing: the cheapest call there is. Where its name is another, the schema is asked first. */
  async probe(call: Call): Promise<void> {
    const variables = { pagination: { limit: 1, offset: 0 } };
    try {
      const text = this.known?.document('probe')?.text ?? documents.probe;
      await this.client.query({ operation: 'EXO-06', text, variables, expectedMs: 100 }, call);
    } catch (error) {
      if (this.known || !isPlatformError(error) || error.code !== 'invalid-request') throw error;
      await this.ask('probe', variables, call);
    }
  }

  async assets(page: Page, call: Call): Promise<{ rows: number; items: AssetWithSignals[] }> {
    const rows = await this.#list('assets', { pagination: { ...page } }, call);
    return {
      rows: rows.length,
      items: this.own.kit.items(wire.asset, rows, 'asset').map((asset) => this.#signalsOf(asset)),
    };
  }

  /** Without signals: as records. `text` matches names and descriptions, where the instance can filter. */
  async assetList(page: Page, text: string | undefined, call: Call): Promise<{ rows: number; items: wire.Asset[] }> {
    const filters = text === undefined ? {} : { filters: { text } };
    const rows = await this.#list('assetList', { pagination: { ...page }, ...filters }, call);
    return { rows: rows.length, items: this.own.kit.items(wire.asset, rows, 'asset') };
  }

  /** Throws `NotFoundError`, also where the platform answers nothing at all. */
  async asset(id: NativeId, call: Call): Promise<AssetWithSignals> {
    const answer = await this.ask('asset', { assetId: id }, call);
    return this.#signalsOf(required(wire.asset, 'EXO-07', answer, 'asset', 'this asset'));
  }

  /** Signals of an asset with their newest values. Throws `NotFoundError`. */
  async controls(id: NativeId, newest: number, call: Call): Promise<(wire.Signal & wire.SignalData)[]> {
    const answer = await this.ask('control', { assetId: id, newest: { limit: newest } }, call);
    const { signals } = required(wire.assetData, 'EXO-21', answer, 'asset', 'this asset');
    return this.own.kit.items(wire.signal.extend(wire.signalData.shape), signals ?? [], 'signal');
  }

  /** Those that there are, by one request for up to fifty. Quirk: aliases (API page, "Aliases"). */
  async assetsById(ids: readonly NativeId[], call: Call): Promise<AssetWithSignals[]> {
    const { operation, text, variables } = await this.aliased(
      'asset',
      ids.map((id) => ({ assetId: id })),
      call,
    );
    const { data, errors } = await this.client.query({ operation, text, variables }, call);
    // An asset that is not there is null with an error; any other error says nothing of what is there.
    const failure = errors.map(({ message }) => failureOf(message)).find(({ code }) => code !== 'not-found');
    if (failure) throw failure;
    const found = Object.values(data).filter((asset) => asset !== null);
    return this.own.kit.items(wire.asset, found, 'asset').map((asset) => this.#signalsOf(asset));
  }

  async groups(page: Page, call: Call): Promise<{ rows: number; items: wire.Group[] }> {
    const rows = await this.#list('groups', { pagination: { ...page } }, call);
    return { rows: rows.length, items: this.own.kit.items(wire.group, rows, 'group') };
  }

  async users(page: Page, call: Call): Promise<{ rows: number; items: wire.User[] }> {
    const rows = await this.#list('users', { pagination: { ...page } }, call);
    return { rows: rows.length, items: this.own.kit.items(wire.user, rows, 'user') };
  }

  async currentUser(call: Call): Promise<wire.User> {
    return required(
      wire.user,
      'EXO-01',
      await this.ask('currentUser', {}, call),
      'currentUser',
      'the user of this token',
    );
  }

  async listed(name: 'devices' | 'products' | 'roles', variables: Record<string, Json>, call: Call) {
    const rows = await this.#list(name, variables, call);
    return { rows: rows.length, items: this.own.kit.items(wire.listed, rows, name) };
  }

  async statuses(ids: readonly NativeId[], call: Call): Promise<wire.AssetStatus[]> {
    const rows = await this.#list('statuses', { ids: [...ids] }, call);
    return this.own.kit.items(wire.assetStatus, rows, 'asset status');
  }

  async logs(page: Page, call: Call): Promise<{ rows: number; items: wire.LogEntry[] }> {
    const rows = await this.#list('logs', { pagination: { ...page } }, call);
    return { rows: rows.length, items: this.own.kit.items(wire.logEntry, rows, 'log entry') };
  }

  /** Deletes once. What is not there any more counts as deleted. */
  async remove(name: 'deleteAsset' | 'deleteGroup' | 'deleteDevice' | 'deleteUser', id: NativeId, call: Call) {
    await this.order(name, { id }, call);
  }

  /** A mutation that the schema has; `values` go where it takes them. */
  async change(name: FoundMutation, values: Record<string, Json>, call: Call): Promise<unknown> {
    const offered = await this.offered(call);
    if (!offered.has(name)) throw new UnsupportedError(`the schema of this instance has no ${name}`);
    const { text, variables } = offered.mutation(name, values);
    const { data } = await this.#mutate(name, { operation: 'EXO-21', text, variables }, call);
    return data[name];
  }

  /** Asks one document. Throws `UnsupportedError` where the instance does not offer it. */
  async ask(name: DocumentName, variables: Record<string, Json>, call: Call): Promise<Answer> {
    return this.client.query(await this.#question(name, variables, call), call);
  }

  async order(name: DocumentName, variables: Record<string, Json>, call: Call): Promise<Answer> {
    return this.#mutate(name, await this.#question(name, variables, call), call);
  }

  /** What the token's role forbids is said in the connection's health, until it is allowed. */
  async #mutate(name: DocumentName | FoundMutation, question: Question, call: Call): Promise<Answer> {
    const { limitations } = this.own;
    try {
      const answer = await this.client.mutate(question, call);
      limitations.lift(`forbidden.${name}`);
      return answer;
    } catch (error) {
      if (isPlatformError(error) && error.code === 'permission-denied') {
        limitations.note(`forbidden.${name}`, `the token's role does not allow ${name}`);
      }
      throw error;
    }
  }

  /** One document for many of the same root field: `a0`, `a1` … with variables of their own. */
  async aliased(name: 'asset' | 'points', each: readonly Record<string, Json>[], call: Call): Promise<Question> {
    const fitted = this.#fitted(name, await this.offered(call));
    const { root, variables: types } = fitted;
    const names = [...types.keys()];
    const field = root.replace(/^\w+:\s*/, '');
    const one = (n: number) =>
      names.reduce((text, v) => text.replaceAll(new RegExp(`\\$${v}\\b`, 'g'), `$${v}${n}`), field);
    const declared = each.flatMap((_, n) => [...types].map(([v, type]) => `$${v}${n}: ${type}`));
    const variables = each.flatMap((own, n) =>
      names.flatMap((v) => (own[v] === undefined ? [] : [[`${v}${n}`, own[v]] as const])),
    );
    return {
      operation: name === 'points' ? 'EXO-21' : 'EXO-07',
      text: `query Many(${declared.join(', ')}) {\n${each.map((_, n) => `a${n}: ${one(n)}`).join('\n')}\n}`,
      variables: Object.fromEntries(variables),
    };
  }

  async #question(name: DocumentName, variables: Record<string, Json>, call: Call): Promise<Question> {
    const { text, variables: declared } = this.#fitted(name, await this.offered(call));
    const taken = Object.entries(variables).filter(([variable]) => declared.has(variable));
    const expectedMs = EXPECTED_MS[name];
    return {
      operation: operations[name] ?? 'EXO-01',
      text,
      variables: Object.fromEntries(taken),
      ...(expectedMs === undefined ? {} : { expectedMs }),
    };
  }

  #fitted(name: DocumentName, offered: Offered) {
    const fitted = offered.document(name);
    if (!fitted) throw new UnsupportedError(`the schema of this instance does not offer ${name}`);
    if (fitted.problems.length > 0) {
      throw new UnsupportedError(`the schema of this instance does not fit ${name}: ${fitted.problems.join('; ')}`);
    }
    return fitted;
  }

  async #list(name: DocumentName, variables: Record<string, Json>, call: Call): Promise<unknown[]> {
    const { data, errors } = await this.ask(name, variables, call);
    const [list] = Object.values(data);
    if (Array.isArray(list)) return list;
    if (errors[0]) throw failureOf(errors[0].message);
    throw new MalformedResponseError(`${operations[name] ?? 'EXO-01'}: expected a list`);
  }

  #signalsOf(asset: wire.Asset): AssetWithSignals {
    return { asset, signals: this.own.kit.items(wire.signal, asset.signals ?? [], 'signal') };
  }
}

function required<S extends z.ZodType>(
  schema: S,
  operation: string,
  { data, errors }: Answer,
  field: keyof typeof rootFields,
  what: string,
): z.output<S> {
  const value = data[field];
  if (value === null || value === undefined) {
    throw errors[0] ? failureOf(errors[0].message) : new NotFoundError(`ExoSense does not know ${what}`);
  }
  const read = schema.safeParse(value);
  if (!read.success) throw new MalformedResponseError(`${operation}: ${what} does not fit`);
  return read.data;
}
