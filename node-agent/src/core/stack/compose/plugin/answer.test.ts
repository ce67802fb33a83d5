import { expect, test } from "vitest";
import { modelOf, refusalsOf } from "./answer.ts";

const source = {
  services: {
    web: { image: "x", ports: ["80:80", "81:x"], networks: ["front"], depends_on: { db: {} } },
    db: { volumes: ["/a:/b"], healthcheck: { test: ["x"] } },
  },
};

test("dollar signs that Compose doubled are single in the model", () => {
  expect(modelOf('{"services":{"web":{"command":["$$HOME","$$$$"]}}}')).toEqual({
    services: { web: { command: ["$HOME", "$$"] } },
  });
});

test.each(["", "null", "[]", "{}", '{"services":[]}', "services:", '{"services":{}'])("%j is no model", (answer) => {
  expect(modelOf(answer)).toBeUndefined();
});

test.each([
  ["validating -: services.web.image must be a string", "services.web.image", "must be a string"],
  ["error while interpolating x-greenleaf.services.web.command: bad", "services.web.command", "bad"],
  [
    "decoding failed due to the following error(s):\n\nerror decoding 'services[web].mem_limit': no",
    "services.web.mem_limit",
    "no",
  ],
  ['service "web" refers to undefined network front: invalid compose project', "services.web.networks.0", "front"],
  ['service "web" has neither an image', "services.web", "neither"],
  ["dependency cycle detected: db -> web -> db", "services.db.depends_on", "cycle"],
  ["Invalid containerPort: x", "services.web.ports.1", "Invalid containerPort: x"],
  ['invalid mount config for type "bind"', "services.db.volumes", "mount"],
  ['healthcheck.test must start either by "CMD"', "services.db.healthcheck", "CMD"],
  ["something else", "", "something else"],
  ['time="x" level=warning msg="secret"\n', "", "it did not say why"],
])("%j is told at %s", (stderr, path, message) => {
  const [refused, ...more] = refusalsOf(stderr, source);
  expect(more).toEqual([]);
  expect(refused?.path.join(".")).toBe(path);
  expect(refused?.message).toContain(message);
  expect(refused?.message).not.toContain("secret");
});

test("each of several refusals has its own place, and none is long", () => {
  const line = (key: string) => `error decoding 'services[web].${key}': ${"x".repeat(1000)}`;
  const refused = refusalsOf(
    ["decoding failed due to the following error(s):", line("a"), line("b")].join("\n"),
    source,
  );
  expect(refused.map(({ path }) => path.at(-1))).toEqual(["a", "b"]);
  expect(Math.max(...refused.map(({ message }) => message.length))).toBeLessThan(400);
});
