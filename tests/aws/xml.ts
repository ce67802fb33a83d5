/** An answer of a Query API: fields in order, text escaped; an array becomes `<member>` or a named list. */
export function queryXml(action: string, result: string): string {
  return `<${action}Response xmlns="https://stand-in.greenleaf.internal/"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>stand-in</RequestId></ResponseMetadata></${action}Response>`;
}

export function errorXml(code: string, message: string): string {
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>stand-in</RequestId></ErrorResponse>`;
}

export const tag = (name: string, value: unknown): string => `<${name}>${escaped(String(value))}</${name}>`;

/** Every field as an element; undefined ones are left out. */
export const fields = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => tag(name, value))
    .join("");

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
