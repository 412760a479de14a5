import { InvalidRequestError } from '@tributary/contracts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** A type reference as GraphQL writes it, such as `[OctoObjectId!]!`. */
const TYPE_REFERENCE = /^\[*[A-Za-z_][A-Za-z0-9_]*[\]!]*$/;
const MAX_LENGTH = 200;

export const isName = (text: string): boolean => text.length <= MAX_LENGTH && NAME.test(text);

/** A name may stand in a document only after this. Throws `InvalidRequestError` naming what it was meant to be. */
export function checkedName(text: string, what: string): string {
  if (isName(text)) return text;
  throw new InvalidRequestError(`${what} ${JSON.stringify(text.slice(0, 80))} is not a name that OctoMesh can have`);
}

export function checkedTypeReference(text: string): string {
  if (text.length <= MAX_LENGTH && TYPE_REFERENCE.test(text)) return text;
  throw new InvalidRequestError('an argument of the OctoMesh schema has a type that cannot be written');
}

/** `Industry.Energy/EnergyMeter` as field names carry it: `IndustryEnergyEnergyMeter`. A flattened name stays itself. */
export const flatten = (ckTypeId: string): string => ckTypeId.replaceAll(/[./]/g, '');
