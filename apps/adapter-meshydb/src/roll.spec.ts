import { describe, expect, it } from '@jest/globals';
import { digest } from '@tributary/adapter-kit';
import fc from 'fast-check';
import { MeshMemory } from './mesh-memory.ts';
import { Roll } from './roll.ts';

const id = fc.nat(300).map((n) => (0x5d430000 + n * 7).toString(16).padEnd(24, '0'));
const print = fc.nat(3).map((n) => digest(n));
const mesh = fc.dictionary(id, print, { maxKeys: 60 });
const inOrder = (documents: Record<string, string>) =>
  Object.entries(documents).toSorted(([a], [b]) => (a < b ? -1 : 1));

function sweep(memory: MeshMemory, documents: Record<string, string>, most = 1_000) {
  const pass = memory.sweep(most);
  const seen = new Map(inOrder(documents).map(([one, mark]) => [one, pass.read(one, mark)]));
  return { seen, gone: pass.end() };
}

describe('Roll', () => {
  it('knows what was put in, and nothing else', () => {
    fc.assert(
      fc.property(mesh, id, print, (documents, one, mark) => {
        const roll = new Roll();
        for (const [name, value] of inOrder(documents)) roll.append(name, value);
        const known = documents[one];
        expect(roll.compare(one, mark)).toBe(known === undefined ? 'unknown' : known === mark ? 'same' : 'other');
        expect(roll.length).toBe(Object.keys(documents).length);
      }),
    );
  });

  it('has one summary for the same documents, and another for others', () => {
    const of = (documents: [string, string][], upTo = 'f'.repeat(24)) => {
      const roll = new Roll();
      for (const [name, value] of documents) roll.append(name, value);
      return roll.summary(upTo);
    };
    const [a, b] = ['5'.repeat(24), '6'.repeat(24)];
    const both: [string, string][] = [
      [a, digest(1)],
      [b, digest(2)],
    ];
    expect(of(both)).toEqual(of(both));
    expect(of(both, a)).toEqual(of([[a, digest(1)]]));
    expect(of(both).sum).not.toBe(
      of([
        [a, digest(2)],
        [b, digest(1)],
      ]).sum,
    );
    expect(() =>
      of([
        [b, digest(1)],
        [a, digest(1)],
      ]),
    ).toThrow(RangeError);
  });
});

describe('MeshMemory', () => {
  it('from sweep to sweep tells exactly what is new, other and gone', () => {
    fc.assert(
      fc.property(fc.array(mesh, { minLength: 2, maxLength: 5 }), (states) => {
        const memory = new MeshMemory();
        let before: Record<string, string> = {};
        for (const now of states) {
          const { seen, gone } = sweep(memory, now);
          memory.told();
          for (const [one, mark] of Object.entries(now)) {
            expect(seen.get(one)).toBe(!(one in before) ? 'unknown' : before[one] === mark ? 'same' : 'other');
          }
          expect(gone?.toSorted()).toEqual(
            Object.keys(before)
              .filter((one) => !(one in now))
              .toSorted(),
          );
          before = now;
        }
      }),
    );
  });

  it('what was seen between sweeps is known, and gone when it is', () => {
    const memory = new MeshMemory();
    const [a, b] = ['5'.repeat(24), '6'.repeat(24)];
    sweep(memory, { [a]: digest(1) });
    expect(memory.see(b, digest(1))).toBe('unknown');
    expect(memory.see(b, digest(1))).toBe('same');
    expect(memory.see(a, digest(2))).toBe('other');
    const { seen, gone } = sweep(memory, { [a]: digest(2) });
    expect([...seen.values()]).toEqual(['same']);
    expect(gone).toEqual([b]);
  });

  it('keeps what is gone until it is told, also when all else is forgotten, unless it is back', () => {
    const memory = new MeshMemory();
    const [a, b, c] = ['5'.repeat(24), '6'.repeat(24), '7'.repeat(24)];
    sweep(memory, { [a]: digest(1), [b]: digest(1), [c]: digest(1) });
    expect(sweep(memory, { [c]: digest(1) }).gone).toEqual([a, b]);
    memory.forget();
    expect(sweep(memory, { [a]: digest(1), [c]: digest(1) }).gone).toEqual([b]);
    memory.told();
    expect(sweep(memory, { [a]: digest(1), [c]: digest(1) }).gone).toEqual([]);
  });

  it('is bounded: of a larger mesh it knows no whole, and says nothing is gone', () => {
    const memory = new MeshMemory();
    const documents = Object.fromEntries(
      Array.from({ length: 50 }, (_, n) => [(n + 16).toString(16).padStart(24, '0'), digest(n)]),
    );
    expect(sweep(memory, documents, 49).gone).toBeUndefined();
    expect(memory.whole).toBe(false);
    expect(sweep(memory, documents, 50).gone).toEqual([]);
    expect(memory.whole).toBe(true);
  });
});
