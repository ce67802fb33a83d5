import { createServer } from "node:net";
import { expect, test } from "vitest";
import { machinePorts } from "./ports.ts";

test("a port that is listened on has a holder with a name, a free one has none", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  expect(await machinePorts.holderOf(port, "127.0.0.1")).toMatch(new RegExp(`^.+ \\(process ${process.pid}\\)$`));
  expect(await machinePorts.holderOf(port, "")).toContain(`${process.pid}`);
  await new Promise((resolve) => server.close(resolve));
  expect(await machinePorts.holderOf(port, "127.0.0.1")).toBeUndefined();
});
