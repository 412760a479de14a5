import { unitReader } from '@tributary/adapter-kit';

/** UCUM code of a unit as Construction Kits write it, or undefined where it is unknown or means several things. */
export const ucumOf = unitReader({
  Cel: 'Cel',
  m2: 'm2',
  m3: 'm3',
  'l/h': 'L/h',
  'm3/h': 'm3/h',
});
