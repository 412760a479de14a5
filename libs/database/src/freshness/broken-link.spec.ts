import { describe, expect, it } from '@jest/globals';
import { links } from '@tributary/contracts';
import fc from 'fast-check';
import { ADAPTER_HEARD_MS, firstBrokenLink, type Known, type LinkFact, type Silence } from './broken-link.ts';

const NOW = 1_700_000_100_000;
const silence: Silence = { nativeId: 'd 1', sinceMs: NOW - 10_000, everyMs: 2_000, nowMs: NOW };
const fact = (link: LinkFact['link'], more: Partial<LinkFact> = {}): LinkFact => ({
  link,
  detail: `${link} is broken`,
  firstMs: NOW - 8_000,
  lastMs: NOW - 1_000,
  times: 3,
  ...more,
});
const well: Known = { adapter: { facts: [], wellMs: NOW - 500, seenMs: NOW - 100 }, house: [] };
const withFacts = (facts: LinkFact[], house: LinkFact[] = [], known: Known = well): Known => ({
  adapter: known.adapter && { ...known.adapter, facts },
  house,
});
const named = (known: Known, of: Silence = silence) => firstBrokenLink(of, known)?.link;
const anyLink = fc.constantFrom(...links.filter((name) => name !== 'device' && name !== 'adapter'));
const anyFact = fc
  .tuple(anyLink, fc.integer({ min: -30_000, max: 0 }), fc.constantFrom(undefined, 'd 1', 'another'))
  .map(([name, at, device]) => fact(name, { lastMs: NOW + at, ...(device === undefined ? {} : { device }) }));
const order = (name: string | undefined) => (name === undefined ? links.length : links.indexOf(name as 'device'));

describe('the first broken link', () => {
  it.each(links.filter((name) => name !== 'device'))('%s: evidence of it alone names it', (name) => {
    expect(firstBrokenLink(silence, withFacts([fact(name)]))).toMatchObject({
      link: name,
      evidence: [{ link: name, times: 3 }],
    });
  });

  it('is the device where all that lies before it is well, and unknown where that is not known', () => {
    expect(named(well)).toBe('device');
    expect(named({ adapter: { facts: [], seenMs: NOW }, house: [] })).toBeUndefined();
    expect(named({ adapter: { facts: [], seenMs: NOW, wellMs: silence.sinceMs }, house: [] })).toBeUndefined();
  });

  it('is never the device while there is evidence of an earlier link, and never lies behind one with evidence', () => {
    fc.assert(
      fc.property(fc.array(anyFact), fc.array(anyFact), (facts, house) => {
        const concerning = [...facts, ...house].filter(
          ({ lastMs, device }) => lastMs >= silence.sinceMs - silence.everyMs && device !== 'another',
        );
        const found = named(withFacts(facts, house));
        if (concerning.length === 0) expect(found).toBe('device');
        else expect(order(found)).toBe(Math.min(...concerning.map((f) => order(f.link))));
      }),
    );
  });

  it('moves only towards the platform when more is known', () => {
    fc.assert(
      fc.property(fc.array(anyFact), anyFact, (facts, one) => {
        expect(order(named(withFacts([...facts, one])))).toBeLessThanOrEqual(order(named(withFacts(facts))));
      }),
    );
  });

  it('does not blame what was broken before, or what is another device’s', () => {
    expect(named(withFacts([fact('vendor', { lastMs: silence.sinceMs - 60_000 })]))).toBe('device');
    expect(named(withFacts([fact('mapping', { device: 'another' })]))).toBe('device');
    expect(named(withFacts([fact('mapping', { device: 'd 1' })]))).toBe('mapping');
  });

  it('is the adapter where none was heard of for long, unless the database was away', () => {
    const gone: Known = {
      adapter: { facts: [], wellMs: NOW - 90_000, seenMs: NOW - ADAPTER_HEARD_MS - 1 },
      house: [],
    };
    const long = { ...silence, sinceMs: NOW - 60_000 };
    expect(named(gone, long)).toBe('adapter');
    expect(named({ adapter: undefined, house: [] }, long)).toBe('adapter');
    expect(named({ ...gone, house: [fact('database')] }, long)).toBe('database');
  });
});
