import type { ParsedCommandLine } from "../../node-agent/src/base/cli/command-spec.ts";
import { UsageError } from "../../node-agent/src/base/errors.ts";
import { textOf } from "../cli/command.ts";
import type { Own } from "./bring-up.ts";
import { type LocalWorld, localWorld } from "./world.ts";

/** The local world a command line speaks of. */
export function worldOf(line: ParsedCommandLine): LocalWorld {
  const given = ["port", "project", "listen"].flatMap((name) => {
    const value = textOf(line, name);
    return value === undefined ? [] : [[name, value]];
  });
  return localWorld(Object.fromEntries(given));
}

/** What the shop of a command line has of its own. */
export function ownOf(line: ParsedCommandLine): Own {
  const storeOrigins = (textOf(line, "store-origin") ?? "").split(",").filter((origin) => origin !== "");
  const wrong = storeOrigins.filter((origin) => URL.parse(origin)?.origin !== origin);
  const [storefront, shop, data] = ["storefront", "shop", "data"].map((name) => textOf(line, name));
  if (wrong.length === 0) return { storefront, shop, data, storeOrigins };
  throw new UsageError(`--store-origin ${wrong.join(",")} is not an origin`, {
    code: "usage.origin",
    why: "a browser names a site by scheme, host and port, without a path or a slash at the end",
    fix: "try --store-origin http://localhost:8000; several with commas between",
  });
}
