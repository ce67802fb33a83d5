import { expect, test } from "vitest";
import { type Heartbeat, parseHeartbeat } from "./decision.ts";

const heartbeat: Heartbeat = {
  router: "eni-1",
  isProven: true,
  isDoubtful: false,
  provenForMs: 1_000,
  serves: { home: true, peer: false },
  isDraining: false,
  isGiving: false,
};

test("a heartbeat is read as it was sent, and so is one of a version that says more", () => {
  expect(parseHeartbeat(JSON.stringify(heartbeat))).toEqual(heartbeat);
  expect(parseHeartbeat(JSON.stringify({ ...heartbeat, load: 3 }))).toMatchObject(heartbeat);
});

test("nothing is decided on a datagram that is no heartbeat or lacks any part of one", () => {
  for (const text of ["", "{}", "null", "[]", "7", '"x"', "{", '{"serves":null}'])
    expect(parseHeartbeat(text)).toBeUndefined();
  for (const name of Object.keys(heartbeat)) {
    const { [name as keyof Heartbeat]: _, ...rest } = heartbeat;
    expect([name, parseHeartbeat(JSON.stringify(rest))]).toEqual([name, undefined]);
    expect([name, parseHeartbeat(JSON.stringify({ ...heartbeat, [name]: null }))]).toEqual([name, undefined]);
    expect([name, parseHeartbeat(JSON.stringify({ ...heartbeat, [name]: { home: 1 } }))]).toEqual([name, undefined]);
  }
});
