import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { filesBelow } from "../../base/files.ts";
import { STORED_CREDENTIALS_PATH } from "../../base/paths.ts";
import { storedCredentials } from "./stored-credentials.ts";

const OTHERS = { accessKeyId: "shell", secretAccessKey: "s" };

function newRoot() {
  const root = mkdtempSync(join(tmpdir(), "stored-credentials-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const files = filesBelow(root);
  return { files, source: storedCredentials(files, { get: async () => OTHERS, renew: () => undefined }) };
}

test("what lies on the node stands above what a shell says", async () => {
  const { files, source } = newRoot();
  await files.write(STORED_CREDENTIALS_PATH, '{"accessKeyId":"world","secretAccessKey":"w"}');
  expect(await source.get()).toEqual({ accessKeyId: "world", secretAccessKey: "w" });
});

test("a node without such a file goes on as before", async () => {
  expect(await newRoot().source.get()).toBe(OTHERS);
});

test.each(["", "{", '{"accessKeyId":"half-a-key"}', "[]"])(
  "a damaged file %j is an error that shows nothing of it",
  async (text) => {
    const { files, source } = newRoot();
    await files.write(STORED_CREDENTIALS_PATH, text);
    const failure = await source.get().catch((error: unknown) => error);
    expect(failure).toMatchObject({ exitCode: 78 });
    expect(JSON.stringify(failure)).not.toContain("half-a-key");
  },
);
