import { expect, test } from "vitest";
import { awsDomain, ecrOf, REGION } from "./aws-domain.ts";

test.each([
  ["eu-west-3", "amazonaws.com"],
  ["us-east-1", "amazonaws.com"],
  ["ap-southeast-4", "amazonaws.com"],
  ["us-gov-west-1", "amazonaws.com"],
  ["cn-northwest-1", "amazonaws.com.cn"],
  ["eusc-de-east-1", "amazonaws.eu"],
  ["us-iso-east-1", "c2s.ic.gov"],
  ["us-isob-east-1", "sc2s.sgov.gov"],
  ["eu-isoe-west-1", "cloud.adc-e.uk"],
  ["us-isof-south-1", "csp.hci.ic.gov"],
])("region %s has its services and its registry below %s", (region, domain) => {
  expect([REGION.test(region), awsDomain(region)]).toEqual([true, domain]);
  const image = `123456789012.dkr.ecr.${region}.${domain}/greenleaf/backend@sha256:${"a".repeat(64)}`;
  expect(ecrOf(image)).toEqual({ account: "123456789012", region });
});

test("a zone, a name without a number and a host name are no regions", () => {
  expect(
    ["eu-west-3a", "eu-west", "EU-WEST-3", "eu-west-3.evil.example", "", "3"].filter((name) => REGION.test(name)),
  ).toEqual([]);
});

test("a registry that only looks like Amazon's gets no token of the account", () => {
  const hosts = [
    "123456789012.dkr.ecr.eu-west-3.amazonaws.com.evil.example",
    "123456789012.dkr.ecr.eu-west-3.amazonaws.eu",
    "registry.example",
  ];
  expect(hosts.map((host) => ecrOf(`${host}/backend@sha256:0`))).toEqual([undefined, undefined, undefined]);
});
