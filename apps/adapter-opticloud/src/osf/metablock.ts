import { MalformedResponseError } from '@tributary/contracts';
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import type { OsfChannel } from './channel.ts';

const numeric = z.union([
  z.number(),
  z
    .string()
    .regex(/^\s*-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/)
    .transform(Number),
]);
const text = z.union([z.string(), z.number().transform(String)]);

const channelShape = z
  .object({
    index: numeric.pipe(z.int().min(0).max(0xfffd)),
    name: text,
    channeltype: z.string().default('scalar'),
    datatype: z.string(),
    sizeoflengthvalue: numeric.pipe(z.union([z.literal(2), z.literal(4)])).default(2),
    timeincrement: numeric.default(0),
    physicalunit: text.optional(),
    scale: numeric.default(1),
    offset: numeric.default(0),
  })
  .transform((channel): OsfChannel => {
    const unit = channel.physicalunit?.trim();
    return {
      index: channel.index,
      name: channel.name,
      kind: channel.channeltype.toLowerCase(),
      dataType: channel.datatype.toLowerCase(),
      lengthBytes: channel.sizeoflengthvalue,
      timeIncrementNs: channel.timeincrement,
      ...(unit ? { unit } : {}),
      scale: channel.scale,
      offset: channel.offset,
    };
  });

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  isArray: (_name, path) => String(path).endsWith('.channels.channel'),
});

/** Channels of the metablock, by index: XML in OSF4, JSON in OSF5. A channel that does not fit is left out. */
export function readMetablock(block: string): { channels: Map<number, OsfChannel>; unfit: number } {
  const listed = block.trimStart().startsWith('{') ? fromJson(block) : fromXml(block);
  const channels = new Map<number, OsfChannel>();
  let unfit = 0;
  for (const entry of listed) {
    const channel = channelShape.safeParse(entry);
    if (channel.success) channels.set(channel.data.index, channel.data);
    else unfit++;
  }
  return { channels, unfit };
}

const jsonShape = z.object({ osf: z.object({ channels: z.array(z.unknown()) }) });

function fromJson(block: string): unknown[] {
  try {
    return jsonShape.parse(JSON.parse(block)).osf.channels;
  } catch (cause) {
    throw new MalformedResponseError('OSF: the header is no JSON of a measurement file', { cause });
  }
}

/** The root has one name in the specification and another in files that devices write, so any will do. */
const xmlShape = z
  .record(z.string(), z.unknown())
  .transform((document) => Object.entries(document).find(([name]) => !name.startsWith('?'))?.[1])
  .pipe(z.object({ channels: z.union([z.object({ channel: z.array(z.unknown()) }), z.literal('')]) }));

function fromXml(block: string): unknown[] {
  if (/<!\s*(?:DOCTYPE|ENTITY)/i.test(block))
    throw new MalformedResponseError('OSF: the header declares types or entities');
  try {
    const { channels } = xmlShape.parse(parser.parse(block, true));
    return channels === '' ? [] : channels.channel;
  } catch (cause) {
    throw new MalformedResponseError('OSF: the header is no XML of a measurement file', { cause });
  }
}
