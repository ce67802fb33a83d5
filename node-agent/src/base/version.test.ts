import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { NODE_DOCUMENT_PATH } from "./node-document.ts";
import { NODE_PATH } from "./resident-node.ts";
import { AGENT_VERSION } from "./version.ts";

test("the agent's version is the package's", () => {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  expect(AGENT_VERSION).toBe((JSON.parse(text) as { version: string }).version);
});

test("the resident agent reads the node document that boot reads", () => {
  expect(NODE_PATH).toBe(NODE_DOCUMENT_PATH);
});
