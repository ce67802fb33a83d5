import { expect, test } from "vitest";
import { parseSaved } from "../../router/nat/saved.ts";
import { moveBackText, movedTo, moveText, projectBackText, whyFixed } from "./front-rules.ts";

const OWNER = "gl/caddy";
const OUTPUT = "-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER";
const nat = (...rules: string[]) =>
  parseSaved(
    ["*nat", ":PREROUTING ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]", ":DOCKER - [0:0]", ...rules, "COMMIT"].join("\n"),
  );
const forward = (port: number, to: string, address = "") =>
  `-A DOCKER ${address}! -i br-1 -p tcp -m tcp --dport ${port} -j DNAT --to-destination ${to}`;
const published = nat(
  OUTPUT,
  "-A DOCKER -i br-1 -j RETURN",
  "-A DOCKER -i docker0 -j RETURN",
  forward(8080, "172.18.0.2:8080"),
  forward(32768, "172.18.0.3:8080"),
);
const front = (hostIp: string) => [{ published: 8080, target: 8080, hostIp }];
const moved = (hostIp: string, saved = published) =>
  moveText(saved, { owner: OWNER, ports: front(hostIp), to: "abc123", chosen: new Map([[8080, 32768]]) });
const COMMENT = '-m comment --comment "greenleaf: gl/caddy is served by abc123"';
const RULE = `-m addrtype --dst-type LOCAL ${COMMENT} -j DNAT --to-destination`;

test("new connections go to the stand-in: from outside to its address, of this machine and its containers to its proxy", () => {
  expect(moved("0.0.0.0")).toBe(
    [
      "*nat",
      `-I OUTPUT 1 -p tcp -m tcp --dport 8080 ${RULE} :32768`,
      `-I PREROUTING 1 -p tcp -m tcp --dport 8080 ${RULE} 172.18.0.3:8080`,
      `-I PREROUTING 1 -i br-1 -p tcp -m tcp --dport 8080 ${RULE} :32768`,
      `-I PREROUTING 1 -i docker0 -p tcp -m tcp --dport 8080 ${RULE} :32768`,
      "COMMIT",
      "",
    ].join("\n"),
  );
  expect(moved("")).toBe(moved("0.0.0.0"));
  expect(moved("10.0.0.5")?.match(/-d 10\.0\.0\.5\/32 /g)).toHaveLength(4);
});

test("a port of the loopback alone has no rule for others", () => {
  expect(moved("127.0.0.1")?.split("\n")).toEqual([
    "*nat",
    `-I OUTPUT 1 -d 127.0.0.1/32 -p tcp -m tcp --dport 8080 ${RULE} :32768`,
    "COMMIT",
    "",
  ]);
});

test("what an earlier look has put there goes in the same commit, and of others' rules nothing", () => {
  const ours = (project: string, to: string) =>
    `OUTPUT -p tcp -m comment --comment "greenleaf: ${project} is served by ${to}" -j DNAT --to-destination :1`;
  const saved = nat(
    OUTPUT,
    forward(32768, "172.18.0.3:8080"),
    `-A ${ours("other/caddy", "ddd")}`,
    `-A ${ours(OWNER, "eee")}`,
  );
  expect(movedTo(saved, OWNER)).toBe("eee");
  expect(movedTo(published, OWNER)).toBeUndefined();
  expect(moved("127.0.0.1", saved)?.split("\n")[1]).toBe(`-D ${ours(OWNER, "eee")}`);
  expect(moveBackText(saved, OWNER)).toBe(`*nat\n-D ${ours(OWNER, "eee")}\nCOMMIT\n`);
  expect(moveBackText(published, OWNER)).toBeUndefined();
  expect([projectBackText(saved, "gl"), projectBackText(saved, "g")]).toEqual([moveBackText(saved, OWNER), undefined]);
});

test("a stand-in without a port of Docker's gets no requests", () => {
  expect(moved("", nat(OUTPUT, forward(8080, "172.18.0.2:8080")))).toBeUndefined();
  expect(moveText(published, { owner: OWNER, ports: front(""), to: "abc", chosen: new Map() })).toBeUndefined();
});

test.each([
  ["Docker's own rule leads to the container", published, ["172.18.0.2"], undefined],
  [
    "the same, beside another port of that number",
    nat(OUTPUT, forward(8080, "172.18.0.9:8080", "-d 10.0.0.1/32 "), forward(8080, "172.18.0.2:8080")),
    ["172.18.0.2"],
    undefined,
  ],
  ["the rule leads elsewhere", published, ["172.18.0.9"], "iptables here shows no rule of Docker's for port 8080"],
  ["the container has no address", published, [], "iptables here shows no rule of Docker's for port 8080"],
  ["another engine's network", nat(OUTPUT), ["172.18.0.2"], "iptables here shows no rule of Docker's for port 8080"],
  [
    "no proxy answers on the loopback",
    nat(OUTPUT.replace("! -d 127.0.0.0/8 ", ""), forward(8080, "172.18.0.2:8080")),
    ["172.18.0.2"],
    "Docker runs without its proxy (userland-proxy)",
  ],
] as const)("whether requests can be moved: %s", (_what, saved, addresses, why) => {
  expect(whyFixed(saved, front("0.0.0.0"), addresses)).toBe(why);
});
