import type { GetServerSideProps, GetServerSidePropsContext } from "next";
import { settings } from "../settings.ts";
import { isUnavailable } from "../store/errors.ts";
import { type Cookies, cartCookie } from "./visitor.ts";

/** What stands around every page. */
export interface Frame {
  readonly title: string;
  readonly cartCount: number;
}

/** Who asks for a page, and for what. */
export interface Visit {
  /** One part of the address or its query; undefined when absent or given twice. */
  readonly asked: (name: string) => string | undefined;
  readonly cookies: Cookies;
}

type Loaded<P> = { readonly props: P } | { readonly notFound: true } | { readonly goTo: string };

export interface FramedProps<P> {
  readonly frame: Frame;
  /** Undefined while the backend is away: the shop then says so. */
  readonly page?: P;
}

/** Loads a page at every request; while the backend is away the answer is 503 with a page that says so. */
export function shopPage<P>(load: (visit: Visit) => Promise<Loaded<P>>): GetServerSideProps<FramedProps<P>> {
  return async (context) => {
    const frame = frameOf(context.req.cookies);
    try {
      const loaded = await load(visitOf(context));
      if ("props" in loaded) return { props: { frame, page: loaded.props } };
      if ("goTo" in loaded) return { redirect: { destination: loaded.goTo, statusCode: 303 } };
      return { notFound: true };
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      process.stderr.write(`storefront: ${error.message}\n`);
      context.res.statusCode = 503;
      context.res.setHeader("Retry-After", "5");
      return { props: { frame } };
    }
  };
}

export function frameOf(cookies: Cookies): Frame {
  return { title: settings().shopTitle, cartCount: cartCookie(cookies)?.count ?? 0 };
}

function visitOf({ query, params, req }: GetServerSidePropsContext): Visit {
  const parts: Readonly<Record<string, string | readonly string[] | undefined>> = { ...query, ...params };
  return {
    asked(name) {
      const value = Object.hasOwn(parts, name) ? parts[name] : undefined;
      return typeof value === "string" ? value : undefined;
    },
    cookies: req.cookies,
  };
}
