import { z } from 'zod';
import { Actions, action } from '../kit/actions.ts';
import { fingerprint } from '../kit/fingerprint.ts';
import { burstInput, misbehaveInput, onlineInput } from '../kit/production-inputs.ts';
import type { TrueValue } from '../kit/series-log.ts';
import type { User } from './accounts.ts';
import type { Asset, Signal } from './asset.ts';
import { LEVELS } from './rule-states.ts';
import type { ExosenseScenario } from './scenario.ts';
import type { SignalTypeId } from './signal-types.ts';
import { fitsType } from './signals.ts';
import type { ExosenseState } from './state.ts';
import { vendorActions } from './vendor-actions.ts';

/** Asset id, name, or position in the scenario. */
const device = z.union([z.string(), z.number().int().min(0)]);

const snapshot = z.strictObject({ ts: z.number().int().optional(), values: z.record(z.string(), z.json()) });

export interface ActionParts {
  state: ExosenseState;
  scenario: ExosenseScenario;
}

export function exosenseActions(parts: ActionParts): Actions {
  return new Actions({
    ...assetActions(parts),
    ...signalActions(parts),
    ...telemetryActions(parts),
    ...tokenActions(parts),
    ...vendorActions(parts.state),
  });
}

function assetActions({ state, scenario }: ActionParts) {
  return {
    devices: action('lists the assets with their signals', z.strictObject({}), () =>
      state.assets().map((asset) => ({
        id: asset.id,
        name: asset.name,
        group: asset.group.name,
        online: scenario.production.isOnline(asset),
        signals: asset.signals.map((one) => ({
          id: one.id,
          name: one.name,
          primitiveType: one.type.primitive_type,
          unit: one.unit?.id ?? null,
          record: one.record,
          archived: one.archived,
          control: one.control !== undefined,
        })),
      })),
    ),
    'set-online': action(
      "connects or disconnects an asset's device; what it measured meanwhile comes late, unless it forgets",
      onlineInput(device),
      (input) => scenario.production.setOnline(findAsset(state, input.device), input.online, input.forgets),
    ),
    'set-obedience': action(
      'whether a device does what a control signal orders',
      z.strictObject({ device, obeys: z.boolean() }),
      (input) => {
        const found = findAsset(state, input.device).device;
        if (found) found.obeys = input.obeys;
      },
    ),
    'add-device': action(
      'adds an asset with signals and a device',
      z.strictObject({ name: z.string().min(1) }),
      ({ name }) => {
        const { id, signals } = scenario.addAsset(name);
        return { id, signals: signals.map((signal) => signal.id) };
      },
    ),
    'remove-device': action('removes an asset, and its data', z.strictObject({ device }), (input) =>
      state.removeAsset(findAsset(state, input.device)),
    ),
    'break-asset': action(
      'makes the signals of an asset unreadable: null, and an error with its path, in whatever asks for them',
      z.strictObject({ device, broken: z.boolean().default(true) }),
      (input) => {
        const { id } = findAsset(state, input.device);
        if (input.broken) state.broken.add(id);
        else state.broken.delete(id);
      },
    ),
    'set-rule-state': action(
      'a rule puts an asset into a state; a change is logged',
      z.strictObject({
        device,
        level: z.enum(LEVELS),
        category: z.string().default('default'),
        value: z.json().default(null),
      }),
      ({ device: ref, level, category, value }) => ({
        changed: state.rules.change(findAsset(state, ref), category, level, value as TrueValue, {}),
      }),
    ),
  };
}

const signalInput = z.strictObject({ device, signal: z.string() });

function signalActions({ state }: ActionParts) {
  return {
    'archive-signal': action(
      'an archived signal takes no new data; what is there stays',
      signalInput.extend({ archived: z.boolean().default(true) }),
      (input) => {
        findSignal(findAsset(state, input.device), input.signal).archived = input.archived;
      },
    ),
    'set-history': action(
      'switches the history of a signal off, so that its last value alone is kept, or on',
      signalInput.extend({ record: z.boolean() }),
      ({ device: ref, signal: name, record }) => {
        const signal = findSignal(findAsset(state, ref), name);
        signal.record = record;
        const [newest] = state.newest(signal, 1);
        if (!record && newest) state.truth.series(signal.asset.id, signal.id)?.forgetBefore(newest.timestamp);
      },
    ),
  };
}

function telemetryActions({ state, scenario }: ActionParts) {
  return {
    burst: action(
      'sends so many snapshots of an asset at once, stepMs apart, the last one now',
      burstInput(device),
      (input) => scenario.production.burst(findAsset(state, input.device), input.count, input.stepMs),
    ),
    misbehave: action(
      'makes a device send a snapshot late, two in the wrong order, its last one again, or a correction of it',
      misbehaveInput(device),
      (input) => scenario.production.misbehave(findAsset(state, input.device), input.way, input.lateMs),
    ),
    produce: action(
      'writes values by the id or name of their signal; their times may be anything, now when there is none',
      z.strictObject({ device, telemetry: z.union([snapshot, z.array(snapshot)]) }),
      (input) => {
        const asset = findAsset(state, input.device);
        for (const { ts = state.clock.now(), values } of [input.telemetry].flat()) {
          for (const [name, value] of Object.entries(values)) {
            const signal = findSignal(asset, name);
            if (!fitsType(signal.type.id as SignalTypeId, value as TrueValue))
              throw new RangeError(`${name} is ${signal.type.primitive_type}`);
            state.write(signal, ts, value as TrueValue);
          }
        }
      },
    ),
  };
}

/** A token, its fingerprint, or the name of its user. */
const token = z.string();

function tokenActions({ state }: ActionParts) {
  return {
    tokens: action('lists the API tokens with their fingerprints', z.strictObject({}), () =>
      state.accounts.users().flatMap(({ token: secret, id, name, role, groups, revoked }) =>
        secret === undefined
          ? []
          : [
              {
                id,
                name,
                role,
                token: secret,
                fingerprint: fingerprint(secret),
                groups: groups.map((one) => one.name),
                revoked,
              },
            ],
      ),
    ),
    'revoke-token': action(
      'a token is good for nothing from now on, or good again',
      z.strictObject({ token, revoked: z.boolean().default(true) }),
      (input) => {
        findToken(state, input.token).revoked = input.revoked;
      },
    ),
    'spend-budget': action(
      'another client of the same token makes so many requests now, which take so long together',
      z.strictObject({
        token,
        requests: z.number().int().min(1).max(10_000).default(10),
        timeMs: z.number().min(0).default(0),
      }),
      (input) => state.rates.spend(findToken(state, input.token).id, input.requests, input.timeMs),
    ),
    budget: action('what a token has used in the window', z.strictObject({ token }), (input) =>
      state.rates.usage(findToken(state, input.token).id),
    ),
  };
}

/** Throws RangeError. */
export function findAsset(state: ExosenseState, ref: string | number): Asset {
  const found =
    typeof ref === 'number'
      ? state.assets().find((one) => one.index === ref)
      : (state.asset(ref) ?? state.assets().find((one) => one.name === ref));
  if (!found) throw new RangeError(`no device is known as ${ref}`);
  return found;
}

/** Throws RangeError. */
export function findSignal(asset: Asset, ref: string): Signal {
  const found = asset.signals.find((one) => one.id === ref || one.name === ref);
  if (!found) throw new RangeError(`${asset.name} has no signal ${ref}`);
  return found;
}

function findToken(state: ExosenseState, ref: string): User {
  const found = state.accounts.findToken(ref);
  if (!found) throw new RangeError('no such token');
  return found;
}
