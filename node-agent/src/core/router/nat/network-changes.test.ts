import { expect, test } from "vitest";
import { changeOf, RuleCommits } from "./network-changes.ts";

test("a switch that is told is known from whatever else changes", () => {
  expect(changeOf("inet all forwarding off ")).toBe("switch");
  expect(changeOf("inet ens6 rp_filter strict ")).toBe("switch");
  expect(changeOf("inet ens6 proxy_neigh on ")).toBe("network");
  expect(changeOf("Deleted 7121:\tfrom 10.0.1.11 lookup 7100")).toBe("network");
  expect(changeOf("deleted qdisc clsact ffff: dev ens6 parent ffff:fff1 refcnt 0 ")).toBe("network");
  expect(changeOf("")).toBeUndefined();
});

test("a commit of rules is told once, at its end", () => {
  const commits = new RuleCommits();
  const lines = ["delete rule ip nat POSTROUTING handle 9", "# new generation 12 by process 2105 (iptables-restor)"];
  expect(lines.map((line) => commits.read(line))).toEqual([undefined, "rules"]);
  expect(commits.read("# ERROR: We lost some netlink events!")).toBe("rules");
});

test("what the daemon itself tells of flows is no change; the same table gone is one", () => {
  const commits = new RuleCommits();
  const end = "# new generation 13 by process 7 (nft)";
  const element = "add element ip greenleaf-late expired { 10.0.10.10 . 1 . 192.0.2.1 . 2 expires 3h }";
  expect([element, element, end].map((line) => commits.read(line))).toEqual([undefined, undefined, undefined]);
  expect([element, "delete table ip greenleaf-late", end].map((line) => commits.read(line)).at(-1)).toBe("rules");
});
