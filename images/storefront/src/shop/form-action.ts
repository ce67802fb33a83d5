import type { NextApiHandler, NextApiRequest } from "next";
import { type Language, languageOf, localPath } from "../language/language.ts";
import { settings } from "../settings.ts";
import { isRefused, isUnavailable } from "../store/errors.ts";
import { isSameSite } from "./same-site.ts";
import type { Cookies } from "./visitor.ts";

/** A form that has arrived: its fields, the parts of its address, and what the browser remembers. */
export interface SentForm {
  readonly field: (name: string) => string | undefined;
  readonly cookies: Cookies;
  readonly language: Language;
  /** Who asks, in the words of the proxy in front: the backend counts wrong logins by it. */
  readonly client: string | undefined;
}

/** Where the visitor goes next (a path without its language), and what the browser shall remember. */
export interface Outcome {
  readonly goTo: string;
  readonly cookies?: readonly string[];
}

/**
 * A plain HTML form's target: answers 303 to a page, so that every step works without JavaScript, across a rollout and
 * after a reload. Addresses are relative: no proxy can make them wrong.
 */
export function formAction(here: string, act: (form: SentForm) => Promise<Outcome>): NextApiHandler {
  return async (request, response) => {
    const form = readForm(request);
    const there = (path: string) => localPath(form.language, path);
    if (request.method !== "POST") return response.setHeader("Allow", "POST").redirect(303, there(here));
    if (!isSameSite(originOf(request), settings().shopUrl)) {
      return response.status(403).send("This form was not sent by a page of this shop.\n");
    }
    const { goTo, cookies = [] } = await attempt(here, () => act(form));
    return response.setHeader("Set-Cookie", [...cookies]).redirect(303, there(goTo));
  };
}

async function attempt(here: string, act: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await act();
  } catch (error) {
    if (!isUnavailable(error) && !isRefused(error)) throw error;
    process.stderr.write(`storefront: a form of ${here} failed: ${error.message}\n`);
    return { goTo: `${here}?notice=${noticeOf(error)}` };
  }
}

function noticeOf(error: Error): string {
  if (isUnavailable(error)) return "try-again";
  if (isRefused(error) && error.status === 429) return "too-often";
  return isRefused(error) && error.code === "insufficient_inventory" ? "sold-out" : "refused";
}

function originOf({ headers }: NextApiRequest) {
  const one = (name: string) => [headers[name]].flat()[0] ?? null;
  return {
    host: one("host"),
    forwardedHost: one("x-forwarded-host"),
    origin: one("origin"),
    fetchSite: one("sec-fetch-site"),
  };
}

function readForm({ body, query, cookies, headers }: NextApiRequest): SentForm {
  const fields: Readonly<Record<string, unknown>> = { ...(typeof body === "object" ? body : {}), ...query };
  const field = (name: string) => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return typeof value === "string" ? value : undefined;
  };
  return {
    field,
    cookies,
    language: languageOf(field("language")),
    client: [headers["x-greenleaf-client"]].flat()[0],
  };
}
