import { expect, test } from "vitest";
import { bareChains, blockingChains, isBare } from "./nft-table.ts";

const chain = (name: string, hook: string, body = "") =>
  `\tchain ${name} {\n\t\ttype filter hook ${hook} priority filter; policy accept;\n${body}\t}\n`;
const table = (...parts: readonly string[]) => `table ip filter {\n${parts.join("\n")}}\n`;

test("a table with the empty chains of iptables is bare, one with anything of nft's own is not", () => {
  const bare = chain("FORWARD", "forward");
  expect(isBare(table())).toBe(true);
  expect(isBare(table(chain("INPUT", "input"), bare))).toBe(true);
  expect(isBare(`# Warning: managed by iptables-nft\n${table(bare)}`)).toBe(true);
  expect(isBare(table(bare, "\tset bad {\n\t\ttype ipv4_addr\n\t}\n"))).toBe(false);
  expect(isBare(table(bare, chain("myin", "input")))).toBe(false);
  expect(isBare(table(bare, chain("INPUT", "input", "\t\tip saddr @bad drop\n")))).toBe(false);
  expect(isBare(table(bare.replace("accept", "drop")))).toBe(false);
});

test("beside foreign chains the bare ones are named, to be deleted alone", () => {
  const text = table(
    chain("INPUT", "input"),
    chain("myin", "input", "\t\tip saddr @bad drop\n"),
    chain("FORWARD", "forward"),
  );
  expect(bareChains(text)).toEqual(["INPUT", "FORWARD"]);
});

test("a foreign chain that drops what is forwarded is named, iptables' own policy and chains of other hooks are not", () => {
  const text = [
    "table inet filter {",
    "\tchain input {",
    "\t\ttype filter hook input priority filter; policy drop;",
    "\t}",
    "\tchain forward {",
    "\t\ttype filter hook forward priority filter; policy drop;",
    "\t}",
    "}",
    table(chain("FORWARD", "forward").replace("accept", "drop")),
  ].join("\n");
  expect(blockingChains(text)).toEqual(["chain forward of table inet filter"]);
});

test("a foreign chain whose rules drop is named, also through a chain that it jumps to, or a map", () => {
  const other = (name: string, body: string) => `\tchain ${name} {\n${body}\t}\n`;
  const dropped = "\t\tip saddr 10.0.10.0/24 counter packets 0 bytes 0 drop\n";
  const text = [
    table(
      chain("FORWARD", "forward", "\t\tcounter packets 0 bytes 0 jump GREENLEAF-FORWARD\n"),
      other("GREENLEAF-FORWARD", dropped),
    ),
    table(chain("PREROUTING", "prerouting", dropped)).replace("filter", "raw"),
    table(
      chain("f", "forward", "\t\tjump g\n"),
      other("g", "\t\tmeta l4proto vmap { tcp : goto h }\n"),
      other("h", dropped),
    ).replace("filter", "fw"),
    table(chain("quiet", "forward", '\t\tjump i comment "drop"\n'), other("i", "\t\tjump i\n")).replace(
      "filter",
      "quiet",
    ),
    table(chain("input", "input", dropped)).replace("filter", "in"),
    table(chain("FORWARD", "forward", dropped)).replace("table ip ", "table ip6 "),
  ].join("");
  const found = ["chain PREROUTING of table ip raw, by its rules", "chain f of table ip fw, by its rules"];
  expect(blockingChains(text)).toEqual(found);
});
