import { expect, test } from "vitest";
import { endedFlow, expiredElements, lateTable } from "./late-flows.ts";

const FLOW =
  "-u SEEN_REPLY,ASSURED -s 10.0.10.2 -d 198.51.100.2 -r 198.51.100.2 -n 10.0.1.10 -p tcp --sport 4000 --dport 443 --reply-port-src 443 --reply-port-dst 4000";

test("an end without time left is a flow that expired, in every state that is not an end itself", () => {
  for (const state of ["ESTABLISHED", "FIN_WAIT", "CLOSE_WAIT"])
    expect(endedFlow(`-D ${FLOW} --state ${state}`)).toEqual({
      kind: "expired",
      element: "10.0.10.2 . 4000 . 198.51.100.2 . 443",
    });
  for (const state of ["TIME_WAIT", "CLOSE", "LAST_ACK", "SYN_SENT", "SYN_RECV"])
    expect(endedFlow(`-D ${FLOW} --state ${state}`)).toBeUndefined();
});

test("an end that a program asked for is a deletion, read as the listing had it, and names the program", () => {
  const line = `-D -t 349 ${FLOW} --state ESTABLISHED [USERSPACE] portid=829`;
  const saved = `-A -t 349 ${FLOW} --state ESTABLISHED`;
  expect(endedFlow(line)).toEqual({ kind: "deleted", address: "10.0.1.10", line: saved, by: undefined });
  expect(endedFlow(`${line} progname=conntrack`)).toMatchObject({ line: saved, by: "conntrack" });
  // In its last second a flow has no time left either.
  expect(endedFlow(line.replace("-t 349 ", ""))).toMatchObject({ kind: "deleted" });
});

test("what the kernel drops for want of room, what was not translated and what is no TCP says nothing", () => {
  expect(endedFlow(`-D -t 349 ${FLOW} --state ESTABLISHED`)).toBeUndefined();
  expect(endedFlow(`-D ${FLOW.replace("-n 10.0.1.10", "-q 10.0.10.2")} --state ESTABLISHED`)).toBeUndefined();
  expect(endedFlow(`-D ${FLOW.replace("-p tcp", "-p udp")}`)).toBeUndefined();
  for (const line of ["", "ready", "-D", `-U ${FLOW} --state ESTABLISHED`, "-D -s x -d y -p tcp"])
    expect(endedFlow(line)).toBeUndefined();
});

test("only packets of the zones' ranges are judged, and each set has a limit", () => {
  const text = lateTable(["10.0.10.0/24", "10.0.11.0/24"]);
  expect(text).toContain("ip saddr != { 10.0.10.0/24, 10.0.11.0/24 } accept");
  expect([...text.matchAll(/set \w+ \{[^}]* size \d+; timeout \w+; \}/g)]).toHaveLength(3);
  expect(expiredElements(["a . 1 . b . 2", "c . 3 . d . 4"])).toBe(
    "add element ip greenleaf-late expired { a . 1 . b . 2, c . 3 . d . 4 }\n",
  );
});
