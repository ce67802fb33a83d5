import { expect, test } from "vitest";
import type { RouterDocument } from "../router-document.ts";
import { HOME_ONLY } from "./config.ts";
import { gatewayOf, tunnelAddresses } from "./network.ts";
import { type NatObserved, planNat, planRemoval } from "./plan.ts";

const router: RouterDocument = {
  vpc: ["10.0.0.0/16"],
  zones: [{ name: "a", sources: ["10.0.10.0/24"] }],
};

function fresh(over: Partial<NatObserved> = {}): NatObserved {
  return {
    dumps: { ipv4: "" },
    sysctls: new Map([["net.ipv4.ip_forward", { value: "0", writable: true }]]),
    network: { links: [], rules: [], defaults: { main: { device: "ens5", gateway: "10.0.1.1" } } },
    memoryBytes: 512 * 1024 * 1024,
    programs: { ipv4Restore: "/usr/sbin/iptables-restore", ipv6Restore: "/usr/sbin/ip6tables-restore" },
    files: new Map(),
    ...over,
  };
}

const names = (observed: NatObserved, state = HOME_ONLY) =>
  planNat(router, state, observed).operations.map(({ name }) => name);

/** What iptables-save tells after a restore text was taken. */
function savedFrom(text: string): string {
  const tables = text.split(/(?=^\*)/m).map((table) => {
    const lines = table.trim().split("\n");
    const jumps = lines.filter((line) => line.startsWith("-I ")).map((line) => line.replace(/^-I (\S+) 1/, "-A $1"));
    const chains = [...jumps, ...lines.filter((line) => /^-A [A-Z]+ -j GREENLEAF/.test(line))];
    const builtIn = [...new Set(chains.map((line) => `:${line.split(" ")[1]} ACCEPT [0:0]`))];
    return [
      lines[0],
      ...builtIn,
      ...lines.slice(1, -1).filter((line) => !line.startsWith("-I")),
      ...jumps,
      "COMMIT",
    ].join("\n");
  });
  return tables.join("\n");
}

test("rules come before forwarding, and forwarding comes last", () => {
  const planned = names(fresh());
  expect(planned.findIndex((name) => name.startsWith("restore ipv4"))).toBeLessThan(planned.length - 1);
  expect(planned.at(-1)).toBe("set net.ipv4.ip_forward=1");
  expect(planned[0]).toBe("write /var/lib/greenleaf/nat/before.json");
});

test("forwarding without rules is shut before anything else is done", () => {
  const forwarding = new Map([["net.ipv4.ip_forward", { value: "1", writable: true }]]);
  const planned = names(fresh({ sysctls: forwarding }));
  expect(planned[1]).toBe("set net.ipv4.ip_forward=0");
  expect(planned.slice(-2)).toEqual(["forget untranslated flows", "set net.ipv4.ip_forward=1"]);
});

test("forwarding goes on while a version changes its probe's rule or somebody adds one behind ours", () => {
  const first = planNat(router, HOME_ONLY, fresh()).operations.find(({ kind }) => kind === "restore");
  const dump = first?.kind === "restore" ? savedFrom(first.text) : "";
  const planned = (ipv4: string) =>
    names(fresh({ dumps: { ipv4 }, sysctls: new Map([["net.ipv4.ip_forward", { value: "1", writable: true }]]) }));
  const shut = "set net.ipv4.ip_forward=0";
  const client = "-A GREENLEAF-NAT -s 10.0.10.0/24 -j MASQUERADE\n";
  expect(planned(dump.replace(/-A GREENLEAF-NAT .*SNAT.*\n/, ""))).toContain("restore ipv4 nat");
  expect(planned(dump.replace(/-A GREENLEAF-NAT .*SNAT.*\n/, ""))).not.toContain(shut);
  expect(planned(dump.replace(client, `${client}-A GREENLEAF-NAT -j RETURN\n`))).not.toContain(shut);
  expect(planned(dump.replace(client, `-A GREENLEAF-NAT -j RETURN\n${client}`))).toContain(shut);
  expect(planned(dump.replace(client, ""))).toContain(shut);
});

test("without an interface to leave by nothing is forwarded", () => {
  const plan = planNat(router, HOME_ONLY, fresh({ network: { links: [], rules: [], defaults: {} } }));
  expect(plan.egress).toEqual({ missing: "the main table has no default route" });
  expect(plan.operations.map(({ name }) => name)).not.toContain("set net.ipv4.ip_forward=1");
});

test("a deleted rule is mended by one restore that says what was missing", () => {
  const first = planNat(router, HOME_ONLY, fresh()).operations.find(({ kind }) => kind === "restore");
  if (first?.kind !== "restore") throw new Error("no restore");
  const dump = savedFrom(first.text);
  const mended = (text: string) =>
    planNat(router, HOME_ONLY, fresh({ dumps: { ipv4: text } })).operations.filter(({ kind }) => kind === "restore");
  expect(mended(dump)).toEqual([]);
  const [repair] = mended(dump.replace(/-A GREENLEAF-NAT -s 10.0.10.0\/24 -j MASQUERADE\n/, ""));
  expect(repair).toMatchObject({ name: "restore ipv4 nat", why: "nat: GREENLEAF-NAT differs" });
  const [again] = mended(
    dump.replace("-A POSTROUTING -j GREENLEAF-NAT\n", "-A POSTROUTING -j FOREIGN\n-A POSTROUTING -j GREENLEAF-NAT\n"),
  );
  expect(again?.kind === "restore" && again.text).toContain(
    "-D POSTROUTING -j GREENLEAF-NAT\n-I POSTROUTING 1 -j GREENLEAF-NAT\n",
  );
});

test("chains of an earlier version, in tables that are not used any more, go in the same restore", () => {
  const first = planNat(router, HOME_ONLY, fresh()).operations.find(({ kind }) => kind === "restore");
  if (first?.kind !== "restore") throw new Error("no restore");
  const earlier = `*mangle
:FORWARD ACCEPT [0:0]
:DOCKER - [0:0]
:GREENLEAF-MSS - [0:0]
-A FORWARD -j GREENLEAF-MSS
-A FORWARD -j DOCKER
-A GREENLEAF-MSS -s 10.0.10.0/24 -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
COMMIT
`;
  const restores = (dump: string) =>
    planNat(router, HOME_ONLY, fresh({ dumps: { ipv4: dump } })).operations.filter(({ kind }) => kind === "restore");
  expect(restores(`${earlier}${savedFrom(first.text)}`)).toMatchObject([
    {
      name: "restore ipv4 mangle",
      why: "mangle: GREENLEAF-MSS is of no use any more",
      text: "*mangle\n-D FORWARD -j GREENLEAF-MSS\n-F GREENLEAF-MSS\n-X GREENLEAF-MSS\nCOMMIT\n",
    },
  ]);
  // What still translates comes first, so that nothing leaves unclamped or untranslated between the tables.
  const [both] = restores(earlier);
  expect(both?.name).toBe("restore ipv4 nat, filter, mangle");
});

test("removing gives back the sysctls and takes out only chains of ours", () => {
  const before = JSON.stringify({ sysctls: { "net.ipv4.ip_forward": "0" }, tables: { ipv4: ["nat"], ipv6: [] } });
  const observed = fresh({
    dumps: {
      ipv4: "*nat\n:POSTROUTING ACCEPT [0:0]\n:DOCKER - [0:0]\n:GREENLEAF-NAT - [0:0]\n-A POSTROUTING -j GREENLEAF-NAT\n-A POSTROUTING -j DOCKER\nCOMMIT\n",
    },
    sysctls: new Map([["net.ipv4.ip_forward", { value: "1", writable: true }]]),
    files: new Map([["/var/lib/greenleaf/nat/before.json", before]]),
  });
  const operations = planRemoval(router, observed);
  expect(operations[0]?.name).toBe("set net.ipv4.ip_forward=0");
  const restore = operations.find(({ kind }) => kind === "restore");
  expect(restore?.kind === "restore" && restore.text).toBe(
    "*nat\n-D POSTROUTING -j GREENLEAF-NAT\n-F GREENLEAF-NAT\n-X GREENLEAF-NAT\nCOMMIT\n",
  );
});

test("both routers agree on their tunnel's ends, and a subnet's router is its first address", () => {
  expect(tunnelAddresses("10.0.1.10", "10.0.2.10").local).toBe(tunnelAddresses("10.0.2.10", "10.0.1.10").remote);
  expect([gatewayOf("10.0.1.10/24"), gatewayOf("10.0.1.200/26")]).toEqual(["10.0.1.1", "10.0.1.193"]);
});
