import { type Checkpoint, digest, type EntityReport, type Observation, type Page } from '@tributary/adapter-kit';
import type { EntityRecord } from '@tributary/contracts';
import type { CompanyInventory } from '../inventory.ts';
import { entityRecord } from '../mapping.ts';

type Records = Map<string, EntityRecord>;

/** The platform tells of no change of a record: it is seen by comparing one look with the last. */
export class EntityChanges {
  #last: Records | undefined;

  /** One look at everything; `end` says what has changed since the last one. */
  begin() {
    const records: Records = new Map();
    let whole = true;
    return {
      see: ({ company, locations, floorPlans }: CompanyInventory) => {
        const seen = [
          entityRecord('company', company),
          ...locations.map((location) => entityRecord('location', location)),
          ...floorPlans.map((plan) => entityRecord('floor-plan', plan)),
        ];
        for (const record of seen) records.set(`${record.type} ${record.nativeId}`, record);
      },
      /** Something could not be read: what is not seen is not taken for gone. */
      incomplete: () => {
        whole = false;
      },
      end: (from: Checkpoint | undefined): Page<Observation> => this.#end(records, whole, from),
    };
  }

  /**
   * The checkpoint holds a digest of all records. After a restart nobody knows which of them changed meanwhile: when any
   * did, all of them are told of.
   */
  #end(records: Records, whole: boolean, from: Checkpoint | undefined): Page<Observation> {
    const print = digest([...records].map(([key, { etag }]): [string, string] => [key, etag]).sort());
    const items = this.#last ? changes(this.#last, records, whole) : firstLook(records, from, print);
    this.#last = whole ? records : new Map([...(this.#last ?? []), ...records]);
    return whole ? { items, checkpoint: { records: print } } : { items };
  }
}

function firstLook(records: Records, from: Checkpoint | undefined, print: string): Observation[] {
  if (from?.records === print) return [];
  const change = from === undefined ? 'created' : 'updated';
  return [...records.values()].map((record) => observation(change, record));
}

function changes(before: Records, now: Records, whole: boolean): Observation[] {
  const seen = [...now].flatMap(([key, record]) => {
    const known = before.get(key);
    if (!known) return [observation('created', record)];
    return known.etag === record.etag ? [] : [observation('updated', record)];
  });
  const gone = whole ? [...before].filter(([key]) => !now.has(key)) : [];
  return [...seen, ...gone.map(([, record]) => observation('removed', { ...record, attributes: {} }))];
}

function observation(change: 'created' | 'updated' | 'removed', record: EntityRecord): Observation {
  const { type: entityType, nativeId, name, attributes } = record;
  const entity: EntityReport = { entityType, nativeId, attributes, ...(name === undefined ? {} : { name }) };
  return { type: 'entity', change, entity };
}
