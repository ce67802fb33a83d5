import { expect, test } from "vitest";
import { talkerLines } from "../../../node-agent/src/daemon/router/router-metrics.ts";

test("who talks to whom is in the metrics, each under its address", () => {
  const of = (address: string) => [{ address, flows: 3 }];
  expect(talkerLines({ clients: of("10.0.10.7"), destinations: of("198.51.100.2"), refused: of("10.0.10.8") })).toEqual(
    [
      'greenleaf_nat_client_flows{client="10.0.10.7"} 3',
      'greenleaf_nat_destination_flows{destination="198.51.100.2"} 3',
      'greenleaf_nat_client_flows_refused{client="10.0.10.8"} 3',
    ],
  );
});
