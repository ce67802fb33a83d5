import { systemClock } from "../../node-agent/src/base/clock.ts";
import { done, pending, until } from "../../node-agent/src/base/wait.ts";

/** The local world's mailbox. */
export const MAILBOX = process.env.GREENLEAF_SHOP_MAILBOX_URL ?? "http://127.0.0.1:8025/";

export interface Received {
  readonly to: readonly string[];
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Every letter to an address, the oldest first. */
export async function lettersTo(address: string): Promise<readonly Received[]> {
  const answer = await fetch(new URL("letters.json", MAILBOX), { signal: AbortSignal.timeout(10_000) });
  const letters = (await answer.json()) as readonly Received[];
  return letters.filter(({ to }) => to.some((each) => each.toLowerCase() === address.toLowerCase()));
}

/** The first letter to an address whose subject matches, as soon as it is there; its text with blanks as one. */
export function letterTo(address: string, subject: RegExp): Promise<Received> {
  const wait = {
    what: `a mail to ${address}: ${subject}`,
    withinMs: 60_000,
    everyMs: 250,
    fix: "see the backend's log",
  };
  return until(systemClock, wait, async () => {
    try {
      const letters = await lettersTo(address);
      const found = letters.find((letter) => subject.test(letter.subject));
      if (found !== undefined) return done({ ...found, text: found.text.replace(/[\s\u202f\u00a0]+/gu, " ") });
      return pending(`${letters.length} others: ${letters.map((letter) => letter.subject).join("; ")}`);
    } catch (error) {
      return pending(error instanceof Error ? error.message : String(error));
    }
  });
}

/** The path of the first link of a letter that leads into the shop. */
export function linkOf({ text }: Received, part: string): string {
  const link = text.split(" ").find((word) => word.startsWith("http") && word.includes(part));
  if (link === undefined) throw new Error(`no link with ${part} in: ${text}`);
  const { pathname, search } = new URL(link);
  return `${pathname}${search}`;
}
