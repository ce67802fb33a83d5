const WORD = /(?:[^\s"'\\;&|<>()`]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*"|`[^`]*`)+/g;

/** Whether a command line has an unquoted operator (`;`, `&`, `|` ...), or a quote that is never closed. */
export const hasLooseOperator = (line: string): boolean => line.replace(WORD, "").trim() !== "";
