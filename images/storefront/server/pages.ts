import { randomBytes } from "node:crypto";
import { lstatSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import path from "node:path";

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface NextServer {
  prepare(): Promise<void>;
  getRequestHandler(): Handler;
}

/** The Next.js application built under `root`, ready to answer. */
export async function createPages(root: string): Promise<Handler> {
  writePreviewKeys(root);
  const built = JSON.parse(readFileSync(path.join(root, ".next/required-server-files.json"), "utf8")) as {
    config: Record<string, unknown>;
  };
  // The standalone output carries neither next.config nor what reads it; Next's own server.js hands it over like this.
  process.env["__NEXT_PRIVATE_STANDALONE_CONFIG"] = JSON.stringify(built.config);
  const createNext = createRequire(import.meta.url)("next") as (options: object) => NextServer;
  const next = createNext({ dev: false, dir: root, quiet: true });
  await next.prepare();
  return next.getRequestHandler();
}

/**
 * Next bakes the keys of its preview mode into the build, the same for every machine that runs it. The image holds a
 * link into /tmp in their place, so that each process has its own, known to nobody: preview mode is not used.
 */
function writePreviewKeys(root: string): void {
  const file = path.join(root, ".next/server/preview-props.json");
  // Other versions of Next, in a storefront that is not ours, keep them elsewhere.
  if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  const key = (bytes: number) => randomBytes(bytes).toString("hex");
  const keys = { previewModeId: key(16), previewModeSigningKey: key(32), previewModeEncryptionKey: key(32) };
  writeFileSync(readlinkSync(file), JSON.stringify(keys), { mode: 0o600 });
}
