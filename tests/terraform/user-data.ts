/** The text a user_data script writes between `<<'NAME'` and `NAME`. */
export function heredoc(script: string, name: string): string {
  const found = script.match(new RegExp(`<<'${name}'\\n([\\s\\S]*?)\\n${name}\\n`))?.[1];
  if (found === undefined) throw new Error(`the script has no here-document ${name}`);
  return found;
}

/** The keys a script writes for its node to trust (PEM). */
export function keysOf(script: string): string {
  return (/^printf '%b\\n' '([^']*)' >\/etc\/greenleaf\/release\.pub$/m.exec(script)?.[1] ?? "").replaceAll(
    "\\n",
    "\n",
  );
}
