import { expect, test } from "vitest";
import { TalkerCount, talkersOf } from "./talkers.ts";

const flow = (client: string, destination: string, port = 1) =>
  `-A -t 350 -u SEEN_REPLY,ASSURED -s ${client} -d ${destination} -r ${destination} -n 10.0.1.10 -p tcp --sport ${port} --dport 443 --reply-port-src 443 --reply-port-dst ${port} --state ESTABLISHED`;

test("clients and destinations with most flows come first, five of each however many there are", () => {
  const crowd = Array.from({ length: 5_000 }, (_, each) => flow(`10.0.11.${each % 250}`, `198.51.${each}.1`));
  const busy = Array.from({ length: 300 }, (_, port) => flow("10.0.10.7", "203.0.113.9", port));
  const { clients, destinations } = talkersOf([...crowd, ...busy]);
  expect([clients.length, destinations.length]).toEqual([5, 5]);
  expect([clients[0], destinations[0]]).toEqual([
    { address: "10.0.10.7", flows: 300 },
    { address: "203.0.113.9", flows: 300 },
  ]);
  expect(clients[1]).toEqual({ address: "10.0.11.0", flows: 20 });
});

test("what is no flow is not counted", () => {
  expect(talkersOf(["", "-A -t 29", "conntrack v1.4.7: 1 flow entries have been shown."])).toEqual({
    clients: [],
    destinations: [],
    refused: [],
  });
});

test("a TCP flow that nobody answered or that a reset ended counts as refused, for the client that began it", () => {
  const ended = (client: string, state: string) => flow(client, "198.51.100.2").replace("ESTABLISHED", state);
  const lines = ["SYN_SENT", "CLOSE", "CLOSE_WAIT", "TIME_WAIT"].map((state) => ended("10.0.10.7", state));
  expect(talkersOf([...lines, ended("10.0.10.8", "SYN_SENT")]).refused).toEqual([
    { address: "10.0.10.7", flows: 2 },
    { address: "10.0.10.8", flows: 1 },
  ]);
});

test("a client that scans the internet is counted in bounded memory, and its busiest destination still comes first", () => {
  const count = new TalkerCount();
  for (let each = 0; each < 60_000; each += 1) {
    count.add(flow("10.0.10.7", `198.${each >> 8}.${each & 255}.1`));
    if (each % 5 === 0) count.add(flow("10.0.10.8", "203.0.113.9", each));
  }
  const { clients, destinations } = count.talkers();
  expect(clients[0]).toEqual({ address: "10.0.10.7", flows: 60_000 });
  expect(destinations[0]?.address).toBe("203.0.113.9");
});
