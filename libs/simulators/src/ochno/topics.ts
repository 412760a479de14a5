/** Limits of the cloud that hosts the streams. */
export const MOST_SLASHES = 7;
export const MOST_FILTERS = 8;
export const MOST_SUBSCRIPTIONS = 50;
export const MOST_PAYLOAD_BYTES = 128 * 1024;
export const MOST_CLIENT_ID_BYTES = 128;

export interface PortPlace {
  companyId: string;
  locationId: string;
  hubId: string;
  portId: string;
}

/** Quirk: begins with a slash, so the first level is empty ("Setting up a real time MQTT data stream"). */
export const portTopic = ({ companyId, locationId, hubId, portId }: PortPlace): string =>
  `/ports/${companyId}/${locationId}/${hubId}/${portId}`;

/** What an action topic names; members may be empty, as in the document's example. Undefined for any other topic. */
export function readActionTopic(topic: string): PortPlace | undefined {
  const [first, area, companyId, locationId, hubId, portId, ...more] = topic.split('/');
  if (first !== '' || area !== 'action' || !companyId || more.length > 0) return undefined;
  if (locationId === undefined || hubId === undefined || portId === undefined) return undefined;
  return { companyId, locationId, hubId, portId };
}

const isTooDeep = (text: string): boolean => text.split('/').length - 1 > MOST_SLASHES;

/** `#` stands alone and last, `+` stands alone. */
export function isWellFormedFilter(filter: string): boolean {
  if (filter === '' || filter.includes('\0') || isTooDeep(filter)) return false;
  const levels = filter.split('/');
  return levels.every((level, i) => {
    if (level === '#') return i === levels.length - 1;
    return level === '+' || !/[#+]/.test(level);
  });
}

export const isWellFormedTopic = (topic: string): boolean => topic !== '' && !/[#+\0]/.test(topic) && !isTooDeep(topic);

/** A company's credentials are good for what its own ports say. */
export const maySubscribe = (companyId: string, filter: string): boolean => filter.startsWith(`/ports/${companyId}/`);

export const mayPublish = (companyId: string, topic: string): boolean => topic.startsWith(`/action/${companyId}/`);

/** A compiled filter: whether it matches the topic. */
export function matcher(filter: string): (topic: string) => boolean {
  if (!filter.includes('+')) {
    if (!filter.endsWith('/#')) return (topic) => topic === filter;
    // The parent of `#` matches too.
    const parent = filter.slice(0, -2);
    return (topic) => topic.startsWith(`${parent}/`) || topic === parent;
  }
  const levels = filter.split('/');
  return (topic) => matchesLevels(levels, topic.split('/'));
}

function matchesLevels(filter: readonly string[], topic: readonly string[]): boolean {
  for (const [i, level] of filter.entries()) {
    if (level === '#') return true;
    if (i >= topic.length || (level !== '+' && level !== topic[i])) return false;
  }
  return filter.length === topic.length;
}
