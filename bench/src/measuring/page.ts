const begin = (section: string): string => `<!-- measured: ${section} -->`;
const end = (section: string): string => `<!-- /measured: ${section} -->`;

/** The page with the text between a section's marks replaced. Throws `RangeError` when it has no such section. */
export function replaceSection(page: string, section: string, text: string): string {
  const from = page.indexOf(begin(section));
  const to = page.indexOf(end(section));
  if (from < 0 || to < from) throw new RangeError(`the page has no section ${section}`);
  return `${page.slice(0, from + begin(section).length)}\n\n${text.trim()}\n\n${page.slice(to)}`;
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => (row[column] ?? '').length), 3));
  const line = (cells: readonly string[]) => `| ${widths.map((w, i) => (cells[i] ?? '').padEnd(w)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
