import { expect, test } from "vitest";
import { commandNamed, parseCommandLine } from "../../node-agent/src/base/cli/parse.ts";
import { OPERATOR } from "../cli/command.ts";
import { COMMANDS } from "../cli/commands.ts";
import { localParameters } from "./aws/parameters.ts";
import { ownOf } from "./options.ts";
import { localWorld } from "./world.ts";

const own = (...argv: string[]) => ownOf(parseCommandLine(OPERATOR, commandNamed(OPERATOR, COMMANDS, "up"), argv));

test("a shop has nothing of its own until it is said", () => {
  expect(own()).toEqual({ storefront: undefined, shop: undefined, storeOrigins: [] });
  expect(own("--storefront", "../mine").storefront).toBe("../mine");
});

test("sites elsewhere are origins, as browsers write them", () => {
  expect(own("--store-origin", "http://localhost:8000,https://a.example").storeOrigins).toEqual([
    "http://localhost:8000",
    "https://a.example",
  ]);
});

test.each(["http://localhost:8000/", "localhost:8000", "https://a.example/shop", "*", "https://a.example:443"])(
  "%s is none",
  (origin) => {
    const refusal = expect.objectContaining({ code: "usage.origin", exitCode: 64 });
    expect(() => own("--store-origin", origin)).toThrow(refusal);
  },
);

test("a site elsewhere is let into the shop's API alone, and goes when it is no longer named", () => {
  const choices = { authority: "PEM", mailbox: { user: "u", password: "p" } };
  const parameters = (storeOrigins: string[]) => localParameters(localWorld({}), { ...choices, storeOrigins });
  const open = parameters(["https://a.example"]);
  expect(open["backend/store_cors"]).toBe("http://localhost:8080,https://a.example");
  expect(open["backend/cors"]).toBe("http://localhost:8080");
  expect(open["backend/admin_cors"]).toBeUndefined();
  expect(parameters([])["backend/store_cors"]).toBe("http://localhost:8080");
});
