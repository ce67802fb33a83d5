import { isIPv6 } from "node:net";
import { join } from "node:path";
import { seedShop } from "../demo/seed.ts";
import { readApplication } from "../images/own-storefront.ts";
import { buildImages } from "../images.ts";
import { progress } from "../progress.ts";
import { followAgent } from "./agent/agent.ts";
import { AgentFailed } from "./agent/agent-failed.ts";
import { ensureDaemon } from "./agent/daemon.ts";
import { installAgent } from "./agent/install-agent.ts";
import { startAws } from "./aws/aws-services.ts";
import { type Credentials, ensureCredentials } from "./aws/credentials.ts";
import { ensureMailbox } from "./aws/mailbox.ts";
import { localParameters, seedAws } from "./aws/parameters.ts";
import { ensureCertificates } from "./certificates.ts";
import { checkDump } from "./data/dump.ts";
import { isMovedIn, moveIn } from "./data/move-in.ts";
import { fixModes } from "./fix-modes.ts";
import { checkPorts } from "./free-ports.ts";
import { waitForFrontPage } from "./front-page.ts";
import { publishLocalRelease, writeComposeVariables, writeNodeDocument } from "./release.ts";
import { engineAnswers } from "./remove/engine-things.ts";
import { claimRoot } from "./remove/ownership.ts";
import { ensureRunFolder } from "./run-folder.ts";
import { readShopFile } from "./shop-file.ts";
import { refuseTakenName } from "./taken-name.ts";
import { type LocalWorld, localFolder, mailboxUrl, shopUrl } from "./world.ts";

export interface Shop {
  readonly url: string;
  readonly admin: { readonly email: string; readonly password: string };
  /** The agent's page for people. */
  readonly page: string;
  /** Where every mail of the shop is read. */
  readonly mailbox: string;
}

/** What a shop has of its own. */
export interface Own {
  /** The folder of a Next.js application that is its storefront. */
  readonly storefront?: string | undefined;
  /** The file that says its name, country, money and tax. */
  readonly shop?: string | undefined;
  /** The dump of the database that it had before. */
  readonly data?: string | undefined;
  /** Sites elsewhere whose pages may use its API. */
  readonly storeOrigins?: readonly string[];
}

/** Every step of `up`, in order; each finds what is there and does only what is missing. */
export async function bringUp(world: LocalWorld, own: Own = {}): Promise<Shop> {
  const storefront = own.storefront === undefined ? undefined : await readApplication(own.storefront);
  const shop = own.shop === undefined ? {} : await readShopFile(own.shop);
  if (own.data !== undefined) await checkDump(own.data);
  // Before anything is made where an engine is there already, otherwise on the engine that this brings.
  const isEngineHere = await engineAnswers();
  if (isEngineHere) await refuseTaken(world);
  await claimRoot(world);
  await fixModes(world.root);
  await progress.step("tools: container engine and its plugins", (detail) => installTools(world, detail));
  if (!isEngineHere) await refuseTaken(world);
  const images = await progress.step("images", (detail) => buildImages({ log: detail, storefront }));
  const credentials = await ensureCredentials(world.root);
  const authority = await ensureCertificates(localFolder(world, "tls"), ["postgres", "valkey", "mail"]);
  const mailbox = await ensureMailbox(world);
  await progress.step("postgres, valkey, aws and mail", () => startAws(world, { images, credentials, mailbox }));
  if (own.data !== undefined) await moveIn(world, { credentials, dump: own.data });
  const parameters = localParameters(world, { authority, mailbox, storeOrigins: own.storeOrigins ?? [] });
  await progress.step("parameters and secrets", () =>
    seedAws(world, { parameters: { ...parameters, ...shop }, credentials }),
  );
  await progress.step("release", () => publish(world, images));
  await progress.step("node agent: install", (detail) => installAgent(world, detail));
  await progress.step("node agent: boot", (detail) => boot(world, detail));
  await progress.step("node agent: serve", () => ensureDaemon(world));
  const isDemo = await progress.step("plants", (detail) => seedPlants(world, credentials, detail));
  await progress.step("front page", () => waitForFrontPage(world, isDemo && !storefront ? "prices" : "any"));
  return shopOf(world, credentials);
}

async function refuseTaken(world: LocalWorld): Promise<void> {
  await refuseTakenName(world);
  await checkPorts(world);
}

export const shopOf = (world: LocalWorld, { admin }: Pick<Credentials, "admin">): Shop => ({
  url: shopUrl(world),
  admin: { email: admin.email ?? "", password: admin.password ?? "" },
  page: `http://127.0.0.1:${world.ports.agent}/`,
  mailbox: mailboxUrl(world),
});

async function installTools(world: LocalWorld, detail: (text: string) => void): Promise<void> {
  await agent(world, ["install", "--only", "engine,plugins"], detail);
}

async function publish(world: LocalWorld, images: Readonly<Record<string, BuiltImage>>): Promise<void> {
  const id = (name: string) => images[name]?.id ?? "";
  const run = await ensureRunFolder(world);
  const variables = {
    GREENLEAF_NETWORK: world.network,
    GREENLEAF_NETWORK_EXTERNAL: "true",
    GREENLEAF_HTTP_ADDRESS: isIPv6(world.listen) ? `[${world.listen}]` : world.listen,
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

async function seedPlants(world: LocalWorld, credentials: Credentials, log: (text: string) => void): Promise<boolean> {
  if (await isMovedIn(world, credentials)) {
    log("none: the shelves are those of the shop of before");
    return false;
  }
  const { email = "", password = "" } = credentials.admin;
  return seedShop({ baseUrl: shopUrl(world), email, password, log });
}
