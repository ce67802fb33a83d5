import { afterAll, afterEach, beforeEach } from "vitest";
import { prefixReaper } from "../support/reaper.ts";
import { BOOT_PROJECT, type BootNode, bootNode } from "./boot-node.ts";
import { removeProject } from "./compose-oracle.ts";

/** Gives each test of the file that calls this a node with a release; it goes with its containers after the test. */
export function nodePerTest(take: (node: BootNode) => void): void {
  const reaper = prefixReaper(BOOT_PROJECT);
  let node: BootNode;
  beforeEach(async () => {
    node = await bootNode();
    node.publish();
    take(node);
  });
  afterEach(async () => {
    await removeProject(BOOT_PROJECT);
    await node.close();
  });
  afterAll(() => reaper.finish());
}
