import { expect, test } from "vitest";
import { ruleOf } from "./link.ts";

test("a policy rule is told as ip takes it, with whatever else it asks for", () => {
  const own = { priority: 7110, src: "all", iif: "ens6", table: "7100" };
  expect(ruleOf(own)).toEqual({ priority: 7110, text: "iif ens6 lookup 7100" });
  expect(ruleOf({ ...own, protocol: "boot" })).toEqual(ruleOf(own));
  expect(ruleOf({ ...own, iif_detached: null })).toEqual(ruleOf(own));
  expect(ruleOf({ ...own, fwmark: "0x1" }).text).toBe("iif ens6 fwmark 0x1 lookup 7100");
  expect(ruleOf({ ...own, not: null }).text).toBe("iif ens6 not lookup 7100");
  const ranges = { priority: 7101, src: "10.0.0.0", srclen: 16, dst: "169.254.78.0", dstlen: 30, table: "main" };
  expect(ruleOf(ranges).text).toBe("to 169.254.78.0/30 from 10.0.0.0/16 lookup main");
});
