import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { buildImages } from "../images.ts";
import { progress } from "../progress.ts";
import { seedShop } from "../shop/seed.ts";
import { followAgent } from "./agent.ts";
import { AgentFailed } from "./agent-failed.ts";
import { startAws } from "./aws-services.ts";
import { ensureCertificates } from "./certificates.ts";
import { type Credentials, ensureCredentials } from "./credentials.ts";
import { checkPorts } from "./free-ports.ts";
import { waitForFrontPage } from "./front-page.ts";
import { installAgent } from "./install-agent.ts";
import { localParameters, seedAws } from "./parameters.ts";
import { publishLocalRelease, writeComposeVariables, writeNodeDocument } from "./release.ts";
import { ensureResident } from "./resident.ts";
import { ensureRunFolder } from "./run-folder.ts";
import { type LocalWorld, localFolder, shopUrl } from "./world.ts";

export interface Shop {
  readonly url: string;
  readonly admin: { readonly email: string; readonly password: string };
  /** The agent's page for people. */
  readonly page: string;
  readonly again: string;
}

/** Every step of `up`, in order; each finds what is there and does only what is missing. */
export async function bringUp(world: LocalWorld): Promise<Shop> {
  await progress.step("tools: container engine and its plugins", (detail) => installTools(world, detail));
  await checkPorts(world);
  const images = await progress.step("images", (detail) => buildImages({ log: detail }));
  const credentials = await ensureCredentials(world.root);
  const authority = await ensureCertificates(localFolder(world, "tls"), ["postgres", "valkey"]);
  await progress.step("postgres, valkey and aws", () => startAws(world, { images, credentials }));
  await progress.step("parameters and secrets", () =>
    seedAws(world, { parameters: localParameters(world, authority), credentials }),
  );
  await progress.step("release", () => publish(world, images));
  await progress.step("node agent: install", (detail) => installAgent(world, detail));
  await progress.step("node agent: boot", (detail) => boot(world, detail));
  await progress.step("node agent: serve", () => ensureResident(world));
  await progress.step("plants", (detail) => seedPlants(world, credentials, detail));
  await progress.step("front page", () => waitForFrontPage(world));
  return {
    url: shopUrl(world),
    admin: { email: credentials.admin.email ?? "", password: credentials.admin.password ?? "" },
    page: `http://127.0.0.1:${world.ports.agent}/`,
    again: world.project,
  };
}

async function installTools(world: LocalWorld, detail: (text: string) => void): Promise<void> {
  await mkdir(world.root, { recursive: true, mode: 0o755 });
  await agent(world, ["install", "--only", "engine,plugins"], detail);
}

async function publish(world: LocalWorld, images: Readonly<Record<string, BuiltImage>>): Promise<void> {
  const id = (name: string) => images[name]?.id ?? "";
  const run = await ensureRunFolder(world);
  const variables = {
    GREENLEAF_NETWORK: world.network,
    GREENLEAF_NETWORK_EXTERNAL: "true",
    GREENLEAF_HTTP_PORT: String(world.ports.http),
  };
  const release = { backend: id("backend"), storefront: id("storefront"), caddy: id("caddy") };
  await publishLocalRelease(world, release, images.backend?.labels["io.greenleaf.migrations"] ?? "");
  await writeNodeDocument(world, variables);
  await writeComposeVariables(world, {
    GREENLEAF_PROJECT: world.project,
    GREENLEAF_IMAGE_BACKEND: release.backend,
    GREENLEAF_IMAGE_STOREFRONT: release.storefront,
    GREENLEAF_IMAGE_CADDY: release.caddy,
    GREENLEAF_RUN: run,
    GREENLEAF_STACK: join(import.meta.dirname, "..", ".."),
    ...variables,
  });
}

interface BuiltImage {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

const boot = (world: LocalWorld, detail: (text: string) => void): Promise<void> => agent(world, ["boot"], detail);

async function agent(world: LocalWorld, args: readonly string[], detail: (text: string) => void): Promise<void> {
  const { code, failure } = await followAgent(world, args, detail);
  // 2 is degraded: the node runs, and status says on what.
  if (code !== 0 && code !== 2) throw new AgentFailed(args, code, failure);
}

async function seedPlants(world: LocalWorld, { admin }: Credentials, detail: (text: string) => void): Promise<void> {
  await seedShop({ baseUrl: shopUrl(world), email: admin.email ?? "", password: admin.password ?? "", log: detail });
}
