import { expect, test } from "vitest";
import { HOME_ONLY } from "../config.ts";
import { allowancesOf, translatedAddresses, zoneUsage } from "./usage.ts";

const router = {
  vpc: ["10.0.0.0/16"],
  zones: [
    { name: "a", sources: ["10.0.10.0/24", "10.0.12.0/24"], address: "10.0.1.10/24", standby: "10.0.1.11" },
    { name: "b", sources: ["10.0.11.0/24"] },
  ],
};

test("flows and bytes of a zone are the sums of its ranges' own rules", () => {
  const dump = `*nat
[7:420] -A GREENLEAF-NAT -s 10.0.10.0/24 -j MASQUERADE
[3:180] -A GREENLEAF-NAT -s 10.0.12.0/24 -j MASQUERADE
[9:540] -A GREENLEAF-NAT -d 10.0.0.0/16 -j RETURN
[2:120] -A FOREIGN -s 10.0.11.0/24 -j MASQUERADE
COMMIT
*filter
[11:1100] -A GREENLEAF-FORWARD -s 10.0.10.0/24 -j GREENLEAF-OUT
[12:2400] -A GREENLEAF-FORWARD -d 10.0.10.0/24 -j GREENLEAF-IN
[5:500] -A GREENLEAF-FORWARD -s 10.0.11.0/24 -j DROP
COMMIT
`;
  expect(zoneUsage(dump, router, HOME_ONLY)).toEqual([
    { zone: "a", newFlows: 10, bytesOut: 1_100, bytesIn: 2_400 },
    { zone: "b", newFlows: 0, bytesOut: 0, bytesIn: 0 },
  ]);
});

test("a router translates to its own address and to the one it stands by with", () => {
  expect(translatedAddresses(router)).toEqual(["10.0.1.10", "10.0.1.11"]);
  expect(translatedAddresses({ ...router, zones: [{ name: "a", sources: ["10.0.10.0/24"] }] })).toEqual([]);
});

test("of a driver's statistics the allowances are kept, under the names AWS documents", () => {
  const statistics = `NIC statistics:
     tx_timeout: 0
     bw_in_allowance_exceeded: 3
     conntrack_allowance_exceeded: 0
     conntrack_allowance_available: 136812
     queue_0_tx_cnt: 99
`;
  expect(allowancesOf(statistics)).toEqual({
    bw_in_allowance_exceeded: 3,
    conntrack_allowance_exceeded: 0,
    conntrack_allowance_available: 136_812,
  });
  expect(allowancesOf("no stats available")).toEqual({});
});
