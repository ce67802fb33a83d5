import type { GetServerSideProps, GetServerSidePropsContext } from "next";
import { localized } from "../catalogue/localized.ts";
import { type Language, languageOf, localPath } from "../language/language.ts";
import { settings } from "../settings.ts";
import { listCategories, orNone } from "../store/catalogue.ts";
import { isUnavailable } from "../store/errors.ts";
import { isPagesRoot } from "../text-pages/from-categories.ts";
import { firstOf } from "./patience.ts";
import { type Cookies, cartCookie, sessionOf } from "./visitor.ts";

/** A link to a category of plants. */
export interface CategoryLink {
  readonly name: string;
  readonly handle: string;
}

/** What stands around every page. */
export interface Frame {
  readonly title: string;
  readonly cartCount: number;
  readonly language: Language;
  /** The page's path without its language and query. */
  readonly path: string;
  readonly categories: readonly CategoryLink[];
  readonly isLoggedIn: boolean;
  /** Only then a page may say that a mail comes. */
  readonly sendsMail: boolean;
}

/** Who asks for a page, and for what. */
export interface Visit {
  /** One part of the address or its query; undefined when absent or given twice. */
  readonly asked: (name: string) => string | undefined;
  readonly askedAll: (name: string) => readonly string[];
  readonly header: (name: string) => string | undefined;
  readonly cookies: Cookies;
  readonly language: Language;
}

/** `goTo` is a path of this shop without its language. */
type Loaded<P> = { readonly props: P } | { readonly notFound: true } | { readonly goTo: string };

export interface FramedProps<P> {
  readonly frame: Frame;
  /** Undefined while the backend is away: the shop then says so. */
  readonly page?: P;
}

/** Loads a page at every request; while the backend is away the answer is 503 with a page that says so. */
export function shopPage<P>(load: (visit: Visit) => Promise<Loaded<P>>): GetServerSideProps<FramedProps<P>> {
  return async (context) => {
    const visit = visitOf(context);
    const framing = frameOf(visit.cookies, visit.language, context.resolvedUrl);
    try {
      const loaded = await load(visit);
      if ("props" in loaded) return { props: { frame: await framing, page: loaded.props } };
      if ("goTo" in loaded)
        return { redirect: { destination: localPath(visit.language, loaded.goTo), statusCode: 303 } };
      return { notFound: true };
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      process.stderr.write(`storefront: ${error.message}\n`);
      context.res.statusCode = 503;
      context.res.setHeader("Retry-After", "5");
      return { props: { frame: await framing } };
    }
  };
}

export async function frameOf(cookies: Cookies, language: Language, url: string): Promise<Frame> {
  return {
    title: settings().shopTitle,
    cartCount: cartCookie(cookies)?.count ?? 0,
    language,
    path: url.replace(/[?#].*$/, "") || "/",
    categories: await categoryLinks(language),
    isLoggedIn: sessionOf(cookies) !== undefined,
    sendsMail: settings().sendsMail,
  };
}

const NAV_PATIENCE_MS = 1500;

/** The header does without its categories sooner than a page waits for them or fails. */
async function categoryLinks(language: Language): Promise<readonly CategoryLink[]> {
  const links = orNone(listCategories()).then((categories) =>
    categories
      .filter((category) => !category.parent_category_id && !isPagesRoot(category))
      .map((category) => ({ handle: category.handle, name: localized(language, category, "name", category.name) })),
  );
  return firstOf<readonly CategoryLink[]>(links, NAV_PATIENCE_MS, []);
}

function visitOf({ query, params, req, locale }: GetServerSidePropsContext): Visit {
  const parts: Readonly<Record<string, string | readonly string[] | undefined>> = { ...query, ...params };
  const valueOf = (name: string) => (Object.hasOwn(parts, name) ? parts[name] : undefined);
  return {
    asked(name) {
      const value = valueOf(name);
      return typeof value === "string" ? value : undefined;
    },
    askedAll: (name) => [valueOf(name) ?? []].flat().filter((value) => value !== ""),
    header: (name) => [req.headers[name]].flat()[0],
    cookies: req.cookies,
    language: languageOf(locale),
  };
}
