import { update } from 'mingo';
import { checkedDocument, type Document, type StoredDocument } from './document.ts';
import { isMembers } from './mongo-filter.ts';
import { MongoTextError, ObjectIdValue, parseMongoText } from './mongo-text.ts';

const OPERATORS = [
  '$set',
  '$unset',
  '$inc',
  '$mul',
  '$min',
  '$max',
  '$rename',
  '$push',
  '$pull',
  '$pullAll',
  '$addToSet',
  '$pop',
  '$bit',
  '$currentDate',
];
/** Operators whose operands are conditions or modifiers, with operators of their own. */
const WITH_OPERATORS = ['$push', '$pull', '$addToSet'];

type Modifier = Parameters<typeof update>[1];

/** Update commands as they come over the wire. Throws MongoTextError for anything but known commands on fields. */
export function readUpdate(text: string): (document: StoredDocument) => Document {
  const commands = parseMongoText(text);
  if (!isMembers(commands) || Object.keys(commands).length === 0) throw new MongoTextError('an update is an object');
  for (const [name, fields] of Object.entries(commands)) checkCommand(name, fields);
  const modifier = asJson(commands) as Modifier;
  return (document) => {
    const changed = structuredClone(document);
    applied(() => update(changed, modifier));
    return JSON.parse(JSON.stringify(changed)) as Document;
  };
}

function checkCommand(name: string, fields: unknown): void {
  if (!OPERATORS.includes(name)) throw new MongoTextError(`unknown command ${name}`);
  if (!isMembers(fields) || Object.keys(fields).length === 0) throw new MongoTextError(`${name} takes fields`);
  for (const [path, operand] of Object.entries(fields)) {
    const names = path.split('.');
    if (names[0] === '_id' || names.some((one) => one === '' || one.startsWith('$')))
      throw new MongoTextError(`${path} cannot be changed`);
    if (!WITH_OPERATORS.includes(name)) checkedDocument({ operand: asJson(operand) });
  }
}

function applied(change: () => unknown): void {
  try {
    change();
  } catch (error) {
    throw new MongoTextError('the update does not fit the document', { cause: error });
  }
}

/** Documents are JSON: a date is kept as ISO-8601 text, an id as its digits. */
function asJson(value: unknown): unknown {
  if (value instanceof ObjectIdValue) return value.hex;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(asJson);
  if (!isMembers(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asJson(member)]));
}
