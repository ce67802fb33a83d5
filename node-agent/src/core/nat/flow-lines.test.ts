import { expect, test } from "vitest";
import { loadable } from "./flow-lines.ts";

const to = { idleSeconds: 350, address: "10.0.1.11" };
const flow = (verb: string, sport: number, state = "ESTABLISHED") =>
  `-${verb} -t 17 -u SEEN_REPLY,ASSURED -s 10.0.11.10 -d 198.51.100.3 -r 198.51.100.3 -n 10.0.2.10 -p tcp --sport ${sport} --dport 443 --reply-port-src 443 --reply-port-dst ${sport} --state ${state}`;

test("a flow is written for the address that answers will come to, with a whole life before it", () => {
  expect(loadable([flow("U", 40_000)], to)).toEqual([
    "-A -t 350 -u SEEN_REPLY,ASSURED -s 10.0.11.10 -d 198.51.100.3 -r 198.51.100.3 -n 10.0.1.11 -p tcp --sport 40000 --dport 443 --reply-port-src 443 --reply-port-dst 40000 --state ESTABLISHED",
  ]);
});

test("the last word on a flow counts, and half a line says nothing", () => {
  const lines = [
    flow("A", 1),
    flow("U", 1),
    flow("A", 2),
    flow("D", 2),
    flow("A", 3),
    flow("U", 3, "FIN_WAIT"),
    flow("A", 4).slice(0, 90),
  ];
  expect(loadable(lines, to).map((line) => /--sport (\d+)/.exec(line)?.[1])).toEqual(["1"]);
});

test("a flow that was never translated, and one whose other side never spoke, are left out", () => {
  const untranslated = flow("A", 5).replace("-n 10.0.2.10", "-q 10.0.11.10");
  const asked =
    "-A -t 29 -u UNSET -s 10.0.11.10 -d 9.9.9.9 -r 9.9.9.9 -n 10.0.2.10 -p udp --sport 5 --dport 53 --reply-port-src 53 --reply-port-dst 5";
  expect(loadable([untranslated, asked], to)).toEqual([]);
  expect(loadable([asked.replace("UNSET", "SEEN_REPLY")], to)).toHaveLength(1);
});
