import { InvalidRequestError } from '@tributary/contracts';
import { type DocumentNode, GraphQLError, Lexer, parse, Source, TokenKind } from 'graphql';
import type { GraphqlLimits } from './graphql-limits.ts';

const opening = new Set<string>([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const closing = new Set<string>([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/**
 * Parses a document whose size and nesting are known to be bounded: the parser goes down the stack with each bracket.
 * Throws `InvalidRequestError` naming line and column.
 */
export function parseBounded(text: string, limits: GraphqlLimits): DocumentNode {
  if (Buffer.byteLength(text) > limits.documentBytes) {
    throw new InvalidRequestError(`the document is larger than ${limits.documentBytes} bytes`);
  }
  const source = new Source(text, 'document');
  try {
    checkNesting(source, limits);
    return parse(source, { noLocation: true, maxTokens: limits.tokens });
  } catch (error) {
    if (error instanceof GraphQLError) throw syntaxProblem(error);
    throw error;
  }
}

function checkNesting(source: Source, { nesting, tokens }: GraphqlLimits): void {
  const lexer = new Lexer(source);
  let depth = 0;
  let count = 0;
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    count += 1;
    if (count > tokens) throw new InvalidRequestError(`the document has more than ${tokens} tokens`);
    if (opening.has(token.kind)) depth += 1;
    else if (closing.has(token.kind)) depth -= 1;
    if (depth > nesting) throw new InvalidRequestError(`the document nests deeper than ${nesting} brackets`);
  }
}

function syntaxProblem(error: GraphQLError): InvalidRequestError {
  const [at] = error.locations ?? [];
  const where = at ? ` (line ${at.line}, column ${at.column})` : '';
  // The parser's messages quote the document, which is the caller's own; they are cut all the same.
  return new InvalidRequestError(`${error.message.slice(0, 300)}${where}`, { cause: error });
}
