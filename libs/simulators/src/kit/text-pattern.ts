const compiled = new Map<string, RegExp>();

/** `*` stands for any run of characters, everything else for itself. */
export function matchesPattern(pattern: string | readonly string[], text: string): boolean {
  if (typeof pattern !== 'string') return pattern.some((one) => matchesPattern(one, text));
  if (!pattern.includes('*')) return pattern === text;
  let expression = compiled.get(pattern);
  if (!expression) {
    expression = new RegExp(`^${pattern.split('*').map(literally).join('.*')}$`, 's');
    compiled.set(pattern, expression);
  }
  return expression.test(text);
}

const literally = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
