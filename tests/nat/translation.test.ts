import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inside } from "../../scripts/lab/namespaces.ts";
import { counts, kernelLacks, type Lab, openLab, skipReason } from "./lab.ts";

const missing = skipReason("ping");

describe.each(["nft", "legacy"] as const)("a router on the %s backend", (backend) => {
  const lacking = missing ?? kernelLacks(backend);
  describe.skipIf(lacking !== undefined)(lacking ?? "", () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await openLab(`t-${backend}`, { env: { GREENLEAF_IPTABLES: backend } });
      await lab.ready(lab.node(lab.internet.namespace, "servers.ts"));
      const applied = await lab.agent(0, "nat", "apply");
      expect(applied.stderr).toContain("3 of 3 targets answered");
      expect(applied.code).toBe(0);
    });
    afterAll(async () => lab?.remove());

    test("T1: the server sees the public address, for TCP, UDP and ICMP, and nothing private comes out", async () => {
      const server = lab.internet.servers[0] ?? "";
      for (const protocol of ["tcp", "udp"]) {
        expect(await lab.ask(lab.client(0), protocol, server, "8")).toMatchObject({
          stdout: lab.zone(0).publicAddress,
        });
      }
      expect((await lab.run(lab.client(0), "ping", "-c", "1", "-W", "2", server)).code).toBe(0);
      expect(await lab.leaked()).toBe(0);
    });

    test("a second run plans nothing, and says so by its exit code and an empty plan", async () => {
      expect(await lab.agent(0, "nat", "plan")).toMatchObject({ code: 0, stdout: "" });
      const status = await lab.agent(0, "nat", "status", "--json");
      expect(JSON.parse(status.stdout)).toMatchObject({ isConverged: true });
    });

    test("T6, T8: 25 re-applies under 8,000 new flows a second and 300 live ones leak nothing and reset nothing", async () => {
      const server = lab.internet.servers[1] ?? "";
      const flows = await lab.ready(lab.node(lab.client(0), "flows.ts", server, "300", "talk", "50"));
      const burst = lab.node(lab.client(0), "new-flows.ts", "8000", "12", ...lab.internet.servers.slice(2));
      await lab.ready(burst);
      const text = await lab.inside(lab.router(0), `iptables-${backend}-save`);
      const rules = text
        .split("\n")
        .filter((line) => !line.startsWith("#") && !line.startsWith(":"))
        .join("\n");
      for (let turn = 0; turn < 25; turn += 1) {
        // A rule of another chain order makes the agent load everything again.
        await lab.run(lab.router(0), `iptables-${backend}`, "-t", "nat", "-A", "GREENLEAF-NAT", "-j", "RETURN");
        await lab.run(lab.router(0), `iptables-${backend}`, "-I", "GREENLEAF-OUT", "1", "-p", "esp", "-j", "DROP");
        expect((await lab.agent(0, "nat", "apply", "--no-probe")).code).toBe(0);
      }
      const after = await lab.inside(lab.router(0), `iptables-${backend}-save`);
      expect(
        after
          .split("\n")
          .filter((line) => !line.startsWith("#") && !line.startsWith(":"))
          .join("\n"),
      ).toBe(rules);
      expect(await counts(flows)).toMatchObject({ open: 300, resets: 0, ended: 0, silent: 0 });
      await burst.ended;
      expect(Number(burst.output().trim().split("\n").at(-1))).toBeGreaterThan(60_000);
      expect(await lab.leaked()).toBe(0);
      await flows.stop();
    });

    test("the next version takes away the chains of the one before, keeps a user's, and live flows do not notice", async () => {
      const flows = await lab.ready(
        lab.node(lab.client(0), "flows.ts", lab.internet.servers[1] ?? "", "50", "talk", "50"),
      );
      const script = `iptables-${backend}-restore --noflush; ip rule delete priority 7106; ip route flush table 7103`;
      await inside(lab.router(0), ["sh", "-c", script], EARLIER);
      const applied = await lab.agent(0, "nat", "apply");
      expect(applied.stderr).toContain("GREENLEAF-MSS is of no use any more");
      expect(applied.stderr).not.toContain("ip_forward");
      expect(applied.code).toBe(0);
      const rules = await lab.inside(lab.router(0), `iptables-${backend}-save`);
      expect(rules).not.toMatch(/GREENLEAF-(MSS|RAW)/);
      expect(rules).toContain("-A FORWARD -j USERS");
      expect(await lab.agent(0, "nat", "plan")).toMatchObject({ code: 0, stdout: "" });
      expect(await counts(flows)).toMatchObject({ open: 50, resets: 0, ended: 0, silent: 0 });
      expect(await lab.leaked()).toBe(0);
      await flows.stop();
    });
  });
});

/** What versions before had beside nat and filter, and a chain of a user's. */
const EARLIER = `*raw
:GREENLEAF-RAW - [0:0]
-A GREENLEAF-RAW -o gl-probe0 -j CT --notrack
-I OUTPUT 1 -j GREENLEAF-RAW
COMMIT
*mangle
:GREENLEAF-MSS - [0:0]
:USERS - [0:0]
-A GREENLEAF-MSS -s 10.0.10.0/24 -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
-A FORWARD -j USERS
-I FORWARD 1 -j GREENLEAF-MSS
COMMIT
*nat
-D GREENLEAF-NAT -s 169.254.77.2/32 -o gl-probe0 -j SNAT --to-source 169.254.77.3
COMMIT
`;
