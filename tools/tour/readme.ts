import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The TypeScript of README.md is that of the tour, which runs. Run as a program, this writes it there anew.
 */
const page = join(import.meta.dirname, '..', '..', 'README.md');
const stops = join(import.meta.dirname, 'stops');

const REGION = /^( *)\/\/ region: (\S+)\n(.*?)^ *\/\/ endregion$/gms;
const SHOWN = /(<!-- tour: (\S+) -->\n```ts\n)(.*?)(```\n)/gs;
const SHELL = /^```sh\n(.*?)^```$/gms;

/** Pieces of the tour by name, without what they are indented by. */
export function regions(): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of readdirSync(stops)) {
    for (const [, indent = '', name = '', text = ''] of readFileSync(join(stops, file), 'utf8').matchAll(REGION)) {
      found.set(name, text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
    }
  }
  return found;
}

/** README.md as it is, and as it should be. Throws for a piece that the tour does not have. */
export function readme(): { is: string; shouldBe: string } {
  const known = regions();
  const is = readFileSync(page, 'utf8');
  const shouldBe = is.replaceAll(SHOWN, (_, head: string, name: string, _text: string, tail: string) => {
    const text = known.get(name);
    if (text === undefined) throw new Error(`the tour has no region ${name}`);
    return `${head}${text}${tail}`;
  });
  return { is, shouldBe };
}

/** The commands of a chapter of README.md, in their order, as one script. */
export function shellOf(chapter: string): string {
  const [, text = ''] = readme().is.split(`\n## ${chapter}\n`);
  const [own = ''] = text.split('\n## ', 1);
  return [...own.matchAll(SHELL)].map(([, block]) => block).join('\n');
}

if (process.argv[1] === import.meta.filename) writeFileSync(page, readme().shouldBe);
