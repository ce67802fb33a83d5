/** What AWS says in an answer that is no success. */
export interface Refusal {
  /** As AWS documents it, without its namespace; `HTTP 500` where the answer is no document of AWS's. */
  readonly name: string;
  readonly message?: string;
}

/** Code and message of a refusal, whichever protocol it was asked in: XML (Query, REST), or JSON. */
export function refusalIn(status: number, body: string): Refusal {
  const name = elementText(body, "Code") ?? jsonText(body, "__type")?.replace(/^.*#/, "") ?? jsonText(body, "code");
  const message = elementText(body, "Message") ?? jsonText(body, "message") ?? jsonText(body, "Message");
  return { name: name ?? `HTTP ${status}`, ...(message === undefined ? {} : { message }) };
}

/** The text of a member, wherever it stands: half an answer is looked at as well. */
function jsonText(body: string, member: string): string | undefined {
  const quoted = new RegExp(`"${member}"\\s*:\\s*("(?:[^"\\\\]|\\\\.)*")`).exec(body)?.[1];
  if (quoted === undefined) return undefined;
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}

/** A document whose last tag closes its first: a connection that ends early leaves half of one behind a 200. */
export const isWhole = (xml: string): boolean => /^\s*(?:<\?xml[^>]*>\s*)?<(\w+)[\s\S]*<\/\1>\s*$/.test(xml);

/** Text of the first element of this name; the Query APIs nest no element in one of the same name. */
export function elementText(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return found === undefined ? undefined : unescaped(found);
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
const unescaped = (text: string): string =>
  text.replace(/&(lt|gt|amp|quot|apos);/g, (whole, entity: string) => ENTITIES[entity] ?? whole);
