import { expect, test } from "vitest";
import { canonicalRouter, type RouterDocument } from "../document.ts";
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
    barriers: undefined,
    blocking: [],
    hasLateTable: undefined,
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

test("flows whose entry was deleted may go on from their middle, also after another program forbade it", () => {
  const loose = (value: string) => new Map([["net.netfilter.nf_conntrack_tcp_loose", { value, writable: true }]]);
  const set = "set net.netfilter.nf_conntrack_tcp_loose=1";
  expect(names(fresh({ sysctls: loose("0") }))).toContain(set);
  expect(names(fresh({ sysctls: loose("1") }))).not.toContain(set);
});

test("forwarding without rules is shut before anything else is done", () => {
  const forwarding = new Map([["net.ipv4.ip_forward", { value: "1", writable: true }]]);
  const planned = names(fresh({ sysctls: forwarding }));
  expect(planned[2]).toBe("set net.ipv4.ip_forward=0");
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

test("a machine without nft is told what it lacks, and one that has it is told nothing", () => {
  const notes = (hasLateTable: boolean | undefined) =>
    planNat(router, HOME_ONLY, fresh({ hasLateTable, barriers: new Map() })).notes;
  expect(notes(undefined).join()).toContain("package nftables");
  expect([notes(false), notes(true)].flat().join()).not.toContain("nftables");
});

test("an interface whose own switch another program took back forwards again, and is not shut for it", () => {
  const first = planNat(router, HOME_ONLY, fresh()).operations.find(({ kind }) => kind === "restore");
  const link = { name: "ens5", mac: "", isUp: true, mtu: 1500, addresses: ["10.0.1.10/24"] };
  const planned = names(
    fresh({
      dumps: { ipv4: first?.kind === "restore" ? savedFrom(first.text) : "" },
      network: { links: [link], rules: [], defaults: { main: { device: "ens5", gateway: "10.0.1.1" } } },
      sysctls: new Map([
        ["net.ipv4.ip_forward", { value: "1", writable: true }],
        ["net.ipv4.conf.ens5.forwarding", { value: "0", writable: true }],
      ]),
    }),
  );
  expect(planned.at(-1)).toBe("set net.ipv4.conf.ens5.forwarding=1");
  expect(planned).not.toContain("set net.ipv4.ip_forward=0");
});

test("where a barrier stands others' changes of the rules do not shut the way", () => {
  const link = { name: "ens5", mac: "", isUp: true, mtu: 1500, addresses: ["10.0.1.10/24"] };
  const network = { links: [link], rules: [], defaults: { main: { device: "ens5", gateway: "10.0.1.1" } } };
  const sysctls = new Map([["net.ipv4.ip_forward", { value: "1", writable: true }]]);
  const none = new Map([["ens5", { hasHook: false, hasForeign: false }]]);
  const without = planNat(router, HOME_ONLY, fresh({ network, sysctls, barriers: none })).operations;
  expect(without.map(({ name }) => name)).toContain("set net.ipv4.ip_forward=0");
  const barrier = without.find(({ kind }) => kind === "barrier");
  const program = barrier?.kind === "barrier" ? barrier.program : "";
  const barriers = new Map([["ens5", { program, hasHook: true, hasForeign: false }]]);
  const planned = names(fresh({ network, sysctls, barriers }));
  expect(planned).toContain("restore ipv4 nat, filter");
  expect(planned).toContain("forget untranslated flows");
  expect(planned.filter((name) => name.includes("ip_forward"))).toEqual([]);
});

test("without an interface to leave by nothing is forwarded", () => {
  const plan = planNat(router, HOME_ONLY, fresh({ network: { links: [], rules: [], defaults: {} } }));
  expect(plan.egress).toEqual({ missing: "the main table has no default route" });
  expect(plan.operations.map(({ name }) => name)).not.toContain("set net.ipv4.ip_forward=1");
});

test("a deleted rule is fixed by one restore that says what was missing", () => {
  const first = planNat(router, HOME_ONLY, fresh()).operations.find(({ kind }) => kind === "restore");
  if (first?.kind !== "restore") throw new Error("no restore");
  const dump = savedFrom(first.text);
  const fixed = (text: string) =>
    planNat(router, HOME_ONLY, fresh({ dumps: { ipv4: text } })).operations.filter(({ kind }) => kind === "restore");
  expect(fixed(dump)).toEqual([]);
  const [repair] = fixed(dump.replace(/-A GREENLEAF-NAT -s 10.0.10.0\/24 -j MASQUERADE\n/, ""));
  expect(repair).toMatchObject({ name: "restore ipv4 nat", why: "nat: GREENLEAF-NAT differs" });
  const [again] = fixed(
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

test("ranges with host bits are the ranges that the kernel tells, so a second look finds nothing to do", () => {
  const given = { ...router, vpc: ["10.0.3.1/16"], zones: [{ name: "a", sources: ["10.0.10.1/24", "10.0.10.0/24"] }] };
  expect(canonicalRouter(given)).toEqual({ ...router, vpc: ["10.0.0.0/16"] });
});

const before = (over: object = {}) =>
  JSON.stringify({
    sysctls: { "net.ipv4.ip_forward": "0", "net.ipv4.conf.ens5.rp_filter": "1" },
    tables: { ipv4: [], ipv6: [] },
    ...over,
  });
const removal = (text: string, over: Partial<NatObserved>) =>
  planRemoval(router, fresh({ files: new Map([["/var/lib/greenleaf/nat/before.json", text]]), ...over })).map(
    ({ name }) => name,
  );
const renamed = { name: "eth0", mac: "02:00:00:00:00:01", isUp: true, mtu: 1500, addresses: ["10.0.1.11/32"] };
const network = { links: [renamed], rules: [], defaults: {} };

test("what an interface had is given back under its new name, and forgotten where it is gone", () => {
  const sysctls = new Map([["net.ipv4.conf.eth0.rp_filter", { value: "2", writable: true }]]);
  const macs = { ens5: "02:00:00:00:00:01" };
  expect(removal(before({ macs }), { network, sysctls })).toContain("set net.ipv4.conf.eth0.rp_filter=1");
  expect(removal(before(), { network, sysctls }).filter((name) => name.startsWith("set"))).toEqual([]);
});

const COPY = "/etc/greenleaf/nat/before.json";
const forwards = new Map([["net.ipv4.ip_forward", { value: "1", writable: true }]]);

test.each([
  "",
  "{",
  "null",
  '{"sysctls":{"net.ipv4.ip_forward":"1; x"},"tables":{"ipv4":[],"ipv6":[]}}',
  before({ sysctls: { "net.ipv4.../../x": "1" } }),
])("a record that reads %j is as good as none: what is given back comes from its copy", (damaged) => {
  const earlier = before({ sysctls: { "net.ipv4.ip_forward": "1", "net.ipv4.conf.all.send_redirects": "1" } });
  const sysctls = new Map([...forwards, ["net.ipv4.conf.all.send_redirects", { value: "0", writable: true }] as const]);
  const set = (files: ReadonlyMap<string, string>) =>
    planRemoval(router, fresh({ sysctls, files })).flatMap(({ name }) => (name.startsWith("set ") ? [name] : []));
  const path = "/var/lib/greenleaf/nat/before.json";
  expect(
    set(
      new Map([
        [path, damaged],
        [COPY, earlier],
      ]),
    ),
  ).toEqual(["set net.ipv4.conf.all.send_redirects=1"]);
  // Nobody knows: then what nothing translates is not forwarded either.
  expect(set(new Map([[path, damaged]]))).toEqual(["set net.ipv4.ip_forward=0"]);
  expect(set(new Map())).toEqual([]);
});

test("a record whose copy is missing or damaged gets one that is like it", () => {
  const path = "/var/lib/greenleaf/nat/before.json";
  const planned = planNat(router, HOME_ONLY, fresh()).operations.filter(({ name }) => name.includes("before.json"));
  const [text = ""] = planned.flatMap((operation) => (operation.kind === "write" ? [operation.content] : []));
  expect(planned.map(({ name }) => name)).toEqual([`write ${path}`, `write ${COPY}`]);
  const written = (files: ReadonlyArray<readonly [string, string]>) =>
    names(fresh({ files: new Map(files) })).filter((name) => name.includes("before.json"));
  expect(written([[path, text]])).toEqual([`write ${COPY}`]);
  expect(
    written([
      [path, "{"],
      [COPY, text],
    ]),
  ).toEqual([`write ${path}`]);
  expect(
    written([
      [path, text],
      [COPY, text],
    ]),
  ).toEqual([]);
});

test("a rule of others with a number of ours stays, and one of ours that was changed is replaced", () => {
  const zone = { name: "a", sources: ["10.0.10.0/24"], mac: renamed.mac, address: "10.0.1.10/24" };
  const rules = [
    { priority: 7110, text: "from 1.1.1.1 lookup 7115" },
    { priority: 7110, text: "iif eth0 fwmark 0x1 lookup 7100" },
    { priority: 7115, text: "from 1.1.1.1 lookup main" },
  ];
  const observed = fresh({ network: { links: [renamed], rules, defaults: {} } });
  const planned = planNat({ ...router, zones: [zone] }, HOME_ONLY, observed).operations.map(({ name }) => name);
  expect(planned).toContain("ip rule add priority 7110 iif eth0 lookup 7100");
  const deleted = ["ip rule delete priority 7110 iif eth0 fwmark 0x1 lookup 7100"];
  expect(planned.filter((name) => name.startsWith("ip rule delete"))).toEqual(deleted);
  expect(removal(before(), { network: observed.network }).filter((name) => name.includes("rule"))).toEqual(deleted);
});

test("the stand-by address goes again where it was not there before, and stays where nobody remembers", () => {
  const withStandby = { ...router, zones: [{ name: "a", sources: ["10.0.10.0/24"], standby: "10.0.1.11" }] };
  const names = (over: object) =>
    planRemoval(
      withStandby,
      fresh({ network, files: new Map([["/var/lib/greenleaf/nat/before.json", before(over)]]) }),
    ).map(({ name }) => name);
  const gone = "ip address delete 10.0.1.11/32 dev eth0";
  expect(names({ addresses: ["10.0.1.10/24"] })).toContain(gone);
  expect(names({ addresses: ["10.0.1.11/32"] })).not.toContain(gone);
  expect(names({})).not.toContain(gone);
});

test("a foreign chain with a name like ours stays, and a foreign way into one of ours goes with it", () => {
  const dump = [
    "*filter",
    ":OUTPUT ACCEPT [0:0]",
    ":GREENLEAF-CUSTOM - [0:0]",
    ":GREENLEAF-IN - [0:0]",
    "-A OUTPUT -g GREENLEAF-IN",
    "-A OUTPUT -j GREENLEAF-CUSTOM",
    "-A GREENLEAF-CUSTOM -j RETURN",
    "COMMIT",
  ].join("\n");
  const texts = (operations: ReturnType<typeof planRemoval>) =>
    operations.flatMap((operation) => (operation.kind === "restore" ? [operation.text] : [])).join("");
  const removed = texts(planRemoval(router, fresh({ dumps: { ipv4: dump } })));
  expect(removed).toBe("*filter\n-D OUTPUT -g GREENLEAF-IN\n-F GREENLEAF-IN\n-X GREENLEAF-IN\nCOMMIT\n");
  expect(texts(planNat(router, HOME_ONLY, fresh({ dumps: { ipv4: dump } })).operations)).not.toContain("CUSTOM");
});

test("a router that knows its address translates to it; one that an earlier version set up is not shut for that", () => {
  const home = { name: "a", sources: ["10.0.10.0/24"], address: "10.0.1.10/24" };
  const known = { ...router, zones: [home] };
  const first = planNat(known, HOME_ONLY, fresh()).operations.find(({ kind }) => kind === "restore");
  const dump = first?.kind === "restore" ? savedFrom(first.text) : "";
  expect(dump).toContain("-A GREENLEAF-NAT -s 10.0.10.0/24 -j SNAT --to-source 10.0.1.10\n");
  const earlier = dump.replace("-j SNAT --to-source 10.0.1.10", "-j MASQUERADE");
  const sysctls = new Map([["net.ipv4.ip_forward", { value: "1", writable: true }]]);
  const planned = planNat(known, HOME_ONLY, fresh({ dumps: { ipv4: earlier }, sysctls })).operations;
  expect(planned.map(({ name }) => name)).toContain("restore ipv4 nat");
  expect(planned.map(({ name }) => name)).not.toContain("set net.ipv4.ip_forward=0");
});

test("late flows are judged by marks while the daemon looks, by the packet alone while it does not, and not while flows are adopted", () => {
  const rulesOf = (state: typeof HOME_ONLY) =>
    planNat(router, state, fresh())
      .operations.map((each) => (each.kind === "restore" ? each.text : ""))
      .join();
  expect(rulesOf(HOME_ONLY)).toContain("--ctstate NEW -j REJECT");
  const judging = rulesOf({ ...HOME_ONLY, judgesLateFlows: true });
  expect(judging).toContain("--mark 0x474c0001 -j REJECT");
  expect(judging).toContain("--mark 0x474c0002 -j DROP");
  expect(judging).not.toContain("--ctstate NEW -j REJECT");
  const adopting = rulesOf({ ...HOME_ONLY, rejectLateFlows: false, judgesLateFlows: true });
  expect(adopting).not.toContain("REJECT");
  expect(adopting).not.toContain("--mark");
});

test("the table of marks is loaded where it is missing, only while late flows are judged, and removed where it is", () => {
  const loads = (hasLateTable: boolean | undefined, judgesLateFlows = true) =>
    names(fresh({ hasLateTable }), { ...HOME_ONLY, judgesLateFlows }).includes("load table greenleaf-late");
  expect([loads(false), loads(true), loads(undefined), loads(false, false)]).toEqual([true, false, false, false]);
  const removes = (hasLateTable: boolean | undefined) =>
    planRemoval(router, fresh({ hasLateTable })).some(({ kind }) => kind === "late-flows-removal");
  expect([removes(true), removes(false), removes(undefined)]).toEqual([true, false, false]);
});

test("a machine without tc is told what keeps packets in, and one with it is not", () => {
  const notes = (barriers: NatObserved["barriers"]) => planNat(router, HOME_ONLY, fresh({ barriers })).notes.join();
  expect(notes(undefined)).toMatch(/nothing but the rules keeps untranslated packets in: tc is not installed/);
  expect(notes(new Map())).not.toContain("tc is not installed");
});
