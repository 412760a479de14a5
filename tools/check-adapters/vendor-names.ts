import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { adapterFolders, filesBelow, packageFolders, root } from './house.ts';

/** No platform's name stands in another package's source: a sixth platform must not have to edit what five share. */
export function checkVendorNames(): string[] {
  const platforms = adapterFolders().map((folder) => basename(folder).replace('adapter-', ''));
  const anyPlatform = new RegExp(platforms.join('|'), 'i');
  return packageFolders()
    .filter((folder) => !adapterFolders().includes(folder) && basename(folder) !== 'simulators')
    .flatMap((folder) => filesBelow(folder, '.ts'))
    .filter((file) => !file.endsWith('.spec.ts') && !file.includes('/test/'))
    .filter((file) => anyPlatform.test(readFileSync(join(root, file), 'utf8')))
    .map((file) => `${file} names a platform`);
}
