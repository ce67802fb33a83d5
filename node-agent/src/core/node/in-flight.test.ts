import { expect, test } from "vitest";
import { connectionsToApps } from "./in-flight.ts";

const HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
let slot = 0;
const row = (local: string, remote: string, state: string) =>
  `   ${slot++}: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000 10001        0 1234 1 0000000000000000`;

test("only established connections towards the apps count", () => {
  const tables = [
    HEAD,
    row("00000000:1F90", "00000000:0000", "0A"), // listens on 8080
    row("040012AC:1F90", "010012AC:C350", "01"), // a load balancer's idle connection
    row("040012AC:B2A4", "030012AC:2328", "01"), // a request to the backend
    row("040012AC:B2A6", "030012AC:2328", "06"), // one that just ended
    row("0100007F:B2A8", "0100007F:1F91", "01"), // its own health check
    HEAD,
    row("00000000000000000000000000000000:1F90", "00000000000000000000000000000000:0000", "0A"),
    row("0000000000000000FFFF0000040012AC:1F90", "0000000000000000FFFF0000010012AC:C352", "01"),
    row("0000000000000000FFFF0000040012AC:B2AA", "0000000000000000FFFF0000050012AC:0BB8", "01"), // to the storefront
    row("00000000000000000000000001000000:B2AC", "00000000000000000000000001000000:1F91", "01"),
    row("0000000000000000FFFF00000100007F:B2AE", "0000000000000000FFFF00000100007F:1F91", "01"),
  ].join("\n");
  expect(connectionsToApps(tables)).toBe(2);
});

test("no table, no connections", () => {
  expect(connectionsToApps("")).toBe(0);
});
