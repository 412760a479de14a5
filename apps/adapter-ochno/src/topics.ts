import { InvalidRequestError } from '@tributary/contracts';

/** Where a port is, by the vendor's ids: the levels of its topics. */
export interface Place {
  company: string;
  location: string;
  hub: string;
  port: string;
}

/** What would be another topic, or several. */
const UNSAFE = /[+#/\0]/;

/** May an id stand in a topic? One that is empty or holds `+`, `#`, `/` or NUL would name something else. */
export const isTopicLevel = (id: string): boolean => id !== '' && !UNSAFE.test(id) && id.isWellFormed();

function level(id: string): string {
  if (!isTopicLevel(id)) throw new InvalidRequestError('an id is empty or holds a character that topics reserve');
  return id;
}

/** OCHNO-09, every port of a company. Throws `InvalidRequestError` for an id that no topic can hold. */
export const allPorts = (company: string): string => `/ports/${level(company)}/#`;

/** OCHNO-11. Throws as `allPorts`. */
export const actionTopic = ({ company, location, hub, port }: Place): string =>
  `/action/${[company, location, hub, port].map(level).join('/')}`;

/** The place that a message of this company came from; undefined for any other topic. */
export function placeOf(topic: string, company: string): Place | undefined {
  const [root, kind, owner, location = '', hub = '', port = '', ...more] = topic.split('/');
  if (root !== '' || kind !== 'ports' || owner !== company || more.length > 0) return undefined;
  return [location, hub, port].every(isTopicLevel) ? { company, location, hub, port } : undefined;
}
