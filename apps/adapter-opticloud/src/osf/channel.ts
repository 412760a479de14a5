/** What the header of a measurement file says of one channel. */
export interface OsfChannel {
  index: number;
  name: string;
  kind: string;
  dataType: string;
  /** Bytes of the length of its blocks. */
  lengthBytes: 2 | 4;
  /** Nanoseconds between samples; 0 where samples carry their times. */
  timeIncrementNs: number;
  /** As the device writes it. */
  unit?: string;
  /** physical = scale * raw + offset, for old integer channels. */
  scale: number;
  offset: number;
}

export type OsfValue = number | boolean | string | { lat: number; lon: number; alt: number };

export interface OsfSample {
  channel: OsfChannel;
  /** Nanoseconds since 1970 UTC. */
  ns: bigint;
  value: OsfValue;
}

/** Neither a number, nor a truth, nor text: such channels are passed over by length. */
export const isText = ({ dataType }: OsfChannel): boolean => dataType === 'string';
