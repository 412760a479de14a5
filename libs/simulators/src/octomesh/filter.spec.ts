import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OctomeshCaller, startQuietOctomesh } from '../../test/octomesh-caller.ts';
import { dig, list } from '../../test/opticloud-caller.ts';
import type { OctomeshSimulator } from './server.ts';

let sim: OctomeshSimulator;
let service: OctomeshCaller;
let everything: Item[];

const FIELDS = 'rtId wellKnownName name manufacturer status installationDate maxCapacity phases isVirtual';
type Item = Record<string, string | number | boolean | null>;
type Operand = string | number | boolean;
type Tree = { AND?: Tree[]; OR?: Tree[] } & { [attribute: string]: unknown };

beforeAll(async () => {
  sim = await startQuietOctomesh({ devices: 80, limits: { queries: 1e9, mutations: 1, uploads: 1, windowMs: 1 } });
  service = await OctomeshCaller.logIn(sim);
  everything = await ask({});
});
afterAll(() => sim.stop());

async function answer(filter: unknown) {
  const query = `query($f: IndustryEnergyEnergyMeterFilter){runtime{rtIndustryEnergyEnergyMeter(filter:$f){items{${FIELDS}}}}}`;
  return service.query(query, { f: filter });
}
async function ask(filter: Tree): Promise<Item[]> {
  return list((await answer(filter)).json, 'data', 'runtime', 'rtIndustryEnergyEnergyMeter', 'items') as Item[];
}

const KINDS = {
  name: 'text',
  wellKnownName: 'text',
  manufacturer: 'text',
  status: 'text',
  rtId: 'text',
  maxCapacity: 'order',
  phases: 'order',
  installationDate: 'time',
  isVirtual: 'flag',
} as const;

/** The table of the document, read once more and as plainly as can be. */
function holds(tree: Tree, item: Item): boolean {
  return Object.entries(tree).every(([key, value]) => {
    if (key === 'AND') return (value as Tree[]).every((part) => holds(part, item));
    if (key === 'OR') return (value as Tree[]).some((part) => holds(part, item));
    return Object.entries(value as Record<string, Operand | Operand[]>).every(([operator, operand]) =>
      compares(key, operator, operand, item[key] ?? null),
    );
  });
}

function compares(attribute: string, operator: string, given: Operand | Operand[], found: Operand | null): boolean {
  const asTime = attribute === 'installationDate';
  const plain = (value: Operand) => (asTime ? new Date(String(value)).getTime() : value);
  const value = found === null ? null : plain(found);
  if (operator === 'in') return value !== null && (given as Operand[]).map(plain).includes(value);
  const operand = plain(given as Operand);
  if (operator === 'eq') return value === operand;
  if (operator === 'neq') return value !== operand;
  if (value === null) return false;
  if (operator === 'gt') return value > operand;
  if (operator === 'gte') return value > operand || value === operand;
  if (operator === 'lt') return value < operand;
  if (operator === 'lte') return value < operand || value === operand;
  if (operator === 'contains') return String(value).split(String(operand)).length > 1 || operand === '';
  if (operator === 'startsWith') return String(value).slice(0, String(operand).length) === operand;
  return operand === '' || String(value).slice(-String(operand).length) === operand;
}

/** Operands are mostly values that some item has, so that something is found. */
const operandOf = (attribute: keyof typeof KINDS): fc.Arbitrary<Operand> => {
  const present = fc
    .nat(79)
    .map((i) => everything[i]?.[attribute] ?? null)
    .filter((value): value is Operand => value !== null);
  const kind = KINDS[attribute];
  if (kind === 'order') return fc.oneof(present, fc.integer({ min: 0, max: 500 }));
  if (kind === 'flag') return fc.boolean();
  if (kind === 'time') return fc.oneof(present, fc.constant('2024-06-01T02:00:00+02:00'));
  return fc.oneof(present, fc.constantFrom('', 'e', 'E', 'Siemens', 'ü', 'meter 1', 'Active', '⚡'));
};

const OPERATORS = {
  text: ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'contains', 'startsWith', 'endsWith', 'in'],
  order: ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'in'],
  time: ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'in'],
  flag: ['eq', 'neq', 'in'],
} as const;

const condition: fc.Arbitrary<Tree> = fc
  .constantFrom(...(Object.keys(KINDS) as Array<keyof typeof KINDS>))
  .chain((attribute) =>
    fc.constantFrom(...OPERATORS[KINDS[attribute]]).chain((operator) =>
      (operator === 'in' ? fc.array(operandOf(attribute), { maxLength: 4 }) : operandOf(attribute)).map((operand) => ({
        [attribute]: { [operator]: operand },
      })),
    ),
  );

const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    condition,
    fc.tuple(condition, condition).map(([a, b]) => ({ ...a, ...b })),
    fc.array(tie('tree'), { maxLength: 3 }).map((parts) => ({ AND: parts })),
    fc.array(tie('tree'), { maxLength: 3 }).map((parts) => ({ OR: parts })),
    fc.tuple(condition, fc.array(tie('tree'), { maxLength: 2 })).map(([one, parts]) => ({ ...one, OR: parts })),
  ),
})).tree;

describe('OctoMesh filters', () => {
  it('OCTO-15 find what a plain reading of everything finds, whatever the tree', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(tree, async (filter) => {
        const expected = everything.filter((item) => holds(filter, item));
        expect(await ask(filter)).toEqual(expected);
        if (expected.length > 0 && expected.length < everything.length) found += 1;
      }),
      { numRuns: 400 },
    );
    expect(found).toBeGreaterThan(100);
  });

  it('answers the documented example', async () => {
    const { json } = await service.query(`query FilteredQuery { runtime { rtIndustryEnergyEnergyMeter(filter: { AND: [
      { status: { eq: "Active" } }
      { OR: [ { manufacturer: { contains: "Siemens" } } { manufacturer: { contains: "ABB" } } ] }
      { maxCapacity: { gte: 100 } } ] }) { items { rtId name } } } }`);
    const expected = everything.filter(
      ({ status, manufacturer, maxCapacity }) =>
        status === 'Active' && ['Siemens', 'ABB'].includes(String(manufacturer)) && Number(maxCapacity) >= 100,
    );
    expect(expected.length).toBeGreaterThan(0);
    expect(
      list(json, 'data', 'runtime', 'rtIndustryEnergyEnergyMeter', 'items').map((one) => dig(one, 'rtId')),
    ).toEqual(expected.map(({ rtId }) => rtId));
  });

  it('matches nothing for a member of an empty list and for one of no conditions', async () => {
    expect(await ask({ name: { in: [] } })).toEqual([]);
    expect(await ask({ OR: [] })).toEqual([]);
    expect(await ask({ AND: [] })).toHaveLength(80);
    expect(await ask({ name: {} })).toHaveLength(80);
  });

  it('tells capital letters from small ones', async () => {
    expect((await ask({ manufacturer: { contains: 'Siemens' } })).length).toBeGreaterThan(0);
    expect(await ask({ manufacturer: { contains: 'siemens' } })).toEqual([]);
  });

  it.each([
    ['an unknown attribute', { colour: { eq: 'red' } }],
    ['an attribute that is a record', { calibration: { eq: 'x' } }],
    ['an attribute that is a list', { tags: { contains: 'grid' } }],
    ['an unknown operator', { name: { like: 'x' } }],
    ['a text operator on a number', { maxCapacity: { contains: '1' } }],
    ['an order on a flag', { isVirtual: { gt: true } }],
    ['an operand of the wrong type', { maxCapacity: { gt: '1' } }],
    ['no list for in', { name: { in: { eq: 'x' } } }],
    ['NOT', { NOT: { name: { eq: 'x' } } }],
  ])('refuses %s with 400', async (_what, filter) => {
    const { status, json } = await answer(filter);
    expect([status, Object.keys(json as object)]).toEqual([400, ['errors']]);
  });

  it.each([
    ['null', { name: { eq: null } }],
    ['a time that is none', { installationDate: { gte: 'yesterday' } }],
    ['a time without a zone', { installationDate: { gte: '2024-01-01T00:00:00' } }],
    ['a day that is none', { OR: [{ installationDate: { in: ['2024-02-31T00:00:00X'] } }] }],
  ])('refuses %s with VALIDATION_ERROR', async (_what, filter) => {
    const { status, json } = await answer(filter);
    expect(status).toBe(200);
    expect(json).toMatchObject({ data: null, errors: [{ extensions: { code: 'VALIDATION_ERROR' } }] });
  });
});
