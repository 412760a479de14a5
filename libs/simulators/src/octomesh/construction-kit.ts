import { z } from 'zod';

/** Attribute types a Construction Kit may use. */
export const ATTRIBUTE_TYPES = [
  'string',
  'int',
  'int64',
  'double',
  'decimal',
  'boolean',
  'dateTime',
  'enum',
  'record',
  'recordArray',
  'stringArray',
  'intArray',
] as const;

export type AttributeType = (typeof ATTRIBUTE_TYPES)[number];

const LIBRARY_ID = /^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$/;
const TYPE_ID = /^[A-Za-z][A-Za-z0-9]*$/;
const MEMBER = /^[A-Za-z][A-Za-z0-9_]*$/;
/** Three numbers, and perhaps a suffix. */
const VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/** Members that every entity or row has anyway. */
const RESERVED = ['rtId', 'ckTypeId', 'wellKnownName', 'timestamp', 'AND', 'OR'];

const reference = z.string().regex(/^([A-Za-z][A-Za-z0-9.]*\/)?[A-Za-z][A-Za-z0-9]*$/, 'expected Library/Name or Name');
const memberName = z
  .string()
  .regex(MEMBER, 'expected letters, digits and underscores')
  .refine((name) => !RESERVED.includes(name), 'the name is taken by the system');

const attribute = z.strictObject({
  name: memberName,
  type: z.enum(ATTRIBUTE_TYPES),
  isRequired: z.boolean().optional(),
  defaultValue: z.json().optional(),
  /** Of an attribute of type enum, record or recordArray: which. */
  enum: reference.optional(),
  record: reference.optional(),
  /** Unit of measure, as people write it. */
  unit: z.string().optional(),
  description: z.string().optional(),
});

const association = z.strictObject({
  name: memberName,
  target: reference,
  multiplicity: z.enum(['One', 'ZeroOrOne', 'N']).default('N'),
  /** The same association as the target sees it; it cannot be seen from there without. */
  inboundName: memberName.optional(),
  inboundMultiplicity: z.enum(['One', 'ZeroOrOne', 'N']).default('N'),
});

const ckType = z.strictObject({
  typeId: z.string().regex(TYPE_ID),
  baseType: reference.optional(),
  isAbstract: z.boolean().optional(),
  /** Rows of a stream, measured at some entity, instead of entities. */
  isStream: z.boolean().optional(),
  /** Of a stream: the attribute that associations show as `value`. */
  valueAttribute: z.string().optional(),
  description: z.string().optional(),
  attributes: z.array(attribute).default([]),
  associations: z.array(association).default([]),
});

export const ckLibrary = z.strictObject({
  libraryId: z.string().regex(LIBRARY_ID),
  version: z.string().regex(VERSION, 'expected a version such as 1.0.0'),
  description: z.string().optional(),
  types: z.array(ckType).default([]),
  enums: z
    .array(z.strictObject({ enumId: z.string().regex(TYPE_ID), values: z.array(z.string().regex(MEMBER)).min(1) }))
    .default([]),
  records: z
    .array(z.strictObject({ recordId: z.string().regex(TYPE_ID), attributes: z.array(attribute).min(1) }))
    .default([]),
});

export type CkLibrary = z.output<typeof ckLibrary>;
export type CkLibraryInput = z.input<typeof ckLibrary>;
export type CkType = CkLibrary['types'][number];
export type CkAttribute = z.output<typeof attribute>;
export type CkAssociation = z.output<typeof association>;
