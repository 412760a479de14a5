import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { adapterFolders, filesBelow, packageOf, root } from './house.ts';

const NETWORK =
  /(?:from |import\()'(?:node:)?(?:net|tls|http|https|http2|dgram|dns|dns\/promises|undici)'|(?<![.#\w])fetch\(|\bnew (?:WebSocket|EventSource)\b/;
const LIBRARIES = ['undici', 'ws', 'mqtt', 'got', 'axios', 'node-fetch'];

/** An adapter dials through the kit alone: whatever else it dialled with would not check addresses that users gave. */
export function checkDialling(): string[] {
  return adapterFolders().flatMap((folder) => [
    ...filesBelow(join(folder, 'src'), '.ts')
      .filter((file) => !file.endsWith('.spec.ts'))
      .filter((file) => NETWORK.test(readFileSync(join(root, file), 'utf8')))
      .map((file) => `${file} reaches the network without the kit, which checks addresses`),
    ...LIBRARIES.filter((library) => packageOf(folder).dependencies?.[library]).map(
      (library) => `${basename(folder)} must not depend on ${library}: the kit dials, and checks addresses`,
    ),
  ]);
}
