import { describe, expect, it } from '@jest/globals';
import type { Checkpoint } from '@tributary/adapter-kit';
import type { CompanyInventory } from '../inventory.ts';
import { EntityChanges } from './entities.changes.ts';

const inventory = (names: string[], companyName = 'Ochno'): CompanyInventory => ({
  company: { id: 'c', name: companyName, type: 'Building Owner' },
  locations: names.map((name) => ({ id: name, companyId: 'c', name })),
  floorPlans: [],
  hubs: [],
  ports: [],
});

function look(changes: EntityChanges, found: CompanyInventory | undefined, from?: Checkpoint) {
  const looking = changes.begin();
  if (found) looking.see(found);
  else looking.incomplete();
  const { items, checkpoint } = looking.end(from);
  const told = items.map((item) => (item.type === 'entity' ? `${item.change} ${item.entity.nativeId}` : ''));
  return { told, checkpoint };
}

describe('changes of records', () => {
  it('are what differs from the last look', () => {
    const changes = new EntityChanges();
    expect(look(changes, inventory(['a', 'b'])).told).toEqual(['created c', 'created a', 'created b']);
    expect(look(changes, inventory(['a', 'b'])).told).toEqual([]);
    expect(look(changes, inventory(['b', 'd'], 'Other')).told).toEqual(['updated c', 'created d', 'removed a']);
  });

  it('take nothing for gone that could not be read', () => {
    const changes = new EntityChanges();
    look(changes, inventory(['a']));
    const unread = look(changes, undefined);
    expect(unread).toEqual({ told: [], checkpoint: undefined });
    expect(look(changes, inventory(['a'])).told).toEqual([]);
  });

  it('after a restart are none where all is as it was, and otherwise anybody’s', () => {
    const { checkpoint } = look(new EntityChanges(), inventory(['a', 'b']));
    expect(look(new EntityChanges(), inventory(['b', 'a']), checkpoint).told).toEqual([]);
    expect(look(new EntityChanges(), inventory(['a']), checkpoint).told).toEqual(['updated c', 'updated a']);
  });
});
