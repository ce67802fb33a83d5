import { expect, test } from "vitest";
import { FlowTable } from "./flow-table.ts";

const to = { idleSeconds: 350, address: "10.0.1.11" };
const flow = (verb: string, sport: number, state = "ESTABLISHED") =>
  `-${verb} -t 17 -u SEEN_REPLY,ASSURED -s 10.0.11.10 -d 198.51.100.3 -r 198.51.100.3 -n 10.0.2.10 -p tcp --sport ${sport} --dport 443 --reply-port-src 443 --reply-port-dst ${sport} --state ${state}`;
const asked =
  "-A -t 29 -u UNSET -s 10.0.11.10 -d 9.9.9.9 -r 9.9.9.9 -n 10.0.2.10 -p udp --sport 5 --dport 53 --reply-port-src 53 --reply-port-dst 5";
const answered = asked.replace("UNSET", "SEEN_REPLY");

function tableOf(...lines: readonly string[]): FlowTable {
  const table = new FlowTable();
  for (const line of lines) table.tell(line);
  return table;
}
const linesOf = (table: FlowTable) => [...table.lines(to)];
const portsOf = (table: FlowTable) =>
  linesOf(table)
    .map((line) => Number(/--sport (\d+)/.exec(line)?.[1]))
    .toSorted((a, b) => a - b);

test("a flow is written for the address that answers will come to, with a whole life before it", () => {
  expect(linesOf(tableOf(flow("U", 40_000)))).toEqual([
    "-A -t 350 -u SEEN_REPLY,ASSURED -s 10.0.11.10 -d 198.51.100.3 -r 198.51.100.3 -n 10.0.1.11 -p tcp --sport 40000 --dport 443 --reply-port-src 443 --reply-port-dst 40000 --state ESTABLISHED",
  ]);
});

test("the last word on a flow counts, and half a line says nothing", () => {
  const table = tableOf(
    flow("A", 1),
    flow("U", 1),
    flow("A", 2),
    flow("D", 2),
    flow("A", 3),
    flow("U", 3, "FIN_WAIT"),
    flow("A", 4).slice(0, 90),
  );
  expect(portsOf(table)).toEqual([1]);
});

test("a flow that was never translated, and one whose other side never spoke, are left out", () => {
  expect(linesOf(tableOf(flow("A", 5).replace("-n 10.0.2.10", "-q 10.0.11.10"), asked))).toEqual([]);
  expect(linesOf(tableOf(answered))).toHaveLength(1);
});

test("TCP flows are written before UDP flows", () => {
  expect(linesOf(tableOf(answered, flow("A", 9))).map((line) => /-p (\w+)/.exec(line)?.[1])).toEqual(["tcp", "udp"]);
});

test("a listing takes out what it does not name, but not what an event told while it was read", () => {
  const table = tableOf(flow("U", 1), flow("U", 2));
  table.beginListing();
  table.list(flow("A", 1));
  table.tell(flow("U", 3));
  table.tell(flow("U", 4));
  table.tell(flow("D", 4));
  // The listing wrote this line before the flow ended.
  table.list(flow("A", 4));
  table.endListing();
  expect(portsOf(table)).toEqual([1, 3]);
});

test("40,000 flows that come and go are held in a few megabytes", () => {
  const table = new FlowTable();
  const line = (index: number, verb: string) =>
    flow(verb, 1_024 + (index % 20_000)).replace("198.51.100.3 -r", `198.51.${Math.floor(index / 20_000)}.3 -r`);
  const before = process.memoryUsage().arrayBuffers;
  for (let index = 0; index < 40_000; index += 1) table.tell(line(index, "U"));
  for (let index = 0; index < 20_000; index += 1) table.tell(line(index, "D"));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
  expect(linesOf(table)).toHaveLength(20_000);
});
