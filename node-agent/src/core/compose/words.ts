const WORD = /(?:[^\s"'\\;&|<>()]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*")+/g;
const PIECE = /\\([\s\S])|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|([^"'\\]+)/g;

/**
 * Splits a command line into words by the quoting rules of a shell, without expanding anything. Undefined when a
 * quote is never closed, and for an unquoted operator (`;`, `&`, `|` ...), where compose silently drops the rest.
 */
export function splitWords(line: string): string[] | undefined {
  if (line.replace(WORD, "").trim() !== "") return undefined;
  return [...line.matchAll(WORD)].map(([word]) => word.replace(PIECE, unquote));
}

function unquote(...[, escaped, single, double, plain]: ReadonlyArray<string | undefined>): string {
  return escaped ?? single ?? double?.replace(/\\([\s\S])/g, "$1") ?? plain ?? "";
}
