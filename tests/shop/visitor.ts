/** A customer without scripts or pictures: reads pages, sends forms, keeps cookies. */
export interface Visitor {
  /** The page's text as a person reads it, its status, and where the visitor ended. */
  read(path: string): Promise<Page>;
  /** Sends a form to an address of the shop and follows to the page it answers with. */
  send(path: string, fields: Readonly<Record<string, string>>): Promise<Page>;
  readonly cookies: ReadonlyMap<string, string>;
}

export interface Page {
  readonly status: number;
  readonly path: string;
  readonly html: string;
  /** Without markup, blanks as one. */
  readonly text: string;
}

export function openVisitor(shop: string): Visitor {
  const jar = new Map<string, string>();

  const ask = async (path: string, init: RequestInit = {}): Promise<Page> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(`${shop}${path}`, {
      ...init,
      headers: { cookie, "sec-fetch-site": "same-origin" },
      redirect: "manual",
      signal: AbortSignal.timeout(90_000),
    });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (/max-age=0/i.test(set)) jar.delete(name);
      else jar.set(name, value);
    }
    const there = answer.headers.get("location");
    if (there !== null && answer.status === 303) {
      await answer.body?.cancel();
      return ask(there);
    }
    const html = await answer.text();
    const text = decode(html.replace(/<(style|script)\b[^]*?<\/\1>/g, " ").replace(/<[^>]*>/g, " "));
    return { status: answer.status, path, html, text };
  };

  return {
    cookies: jar,
    read: (path) => ask(path),
    send: (path, fields) => ask(path, { method: "POST", body: new URLSearchParams(fields) }),
  };
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#x27;": "'",
};

const decode = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#x27);/g, (each) => ENTITIES[each] ?? each).replace(/\s+/g, " ");

/** What stands in a field of the page. */
export function fieldOf(page: Page, name: string): string {
  const tag = new RegExp(`<input[^>]*name="${name}"[^>]*>`).exec(page.html)?.[0] ?? "";
  return decode(/value="([^"]*)"/.exec(tag)?.[1] ?? "");
}

/** Where a customer of these suites lives, as the checkout's form takes it. */
export const addressOf = (email: string) => ({
  email,
  first_name: "Zoé",
  last_name: "Petit",
  address_1: "1 rue Verte",
  postal_code: "69001",
  city: "Lyon",
  country_code: "fr",
});
