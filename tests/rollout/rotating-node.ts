import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { signRelease } from "../../node-agent/src/adapters/machine/release-signature.ts";
import { root as repository } from "../../scripts/images/folders.ts";
import { ensureCertificates } from "../../scripts/local/certificates.ts";
import { type Moto, startMoto } from "../aws/moto.ts";
import { docker, removeProject } from "../integration/compose-oracle.ts";
import { type FakePostgres, startFakePostgres } from "../integration/fake-postgres.ts";
import { freePort } from "../support/agent-process.ts";
import { newKeys } from "../support/release-node.ts";
import { removeRoot } from "../support/remove-root.ts";

const PASSWORD = "password-of-the-database";
const MIGRATIONS = "a".repeat(64);

/** What the secret of the backend says. */
export interface BackendSecret {
  readonly version: string;
  readonly mode: "well" | "sick";
}

/** A node that the agent's own boot makes, with moto as its AWS, the real Caddy and two small services. */
export interface RotatingNode {
  readonly root: string;
  readonly port: number;
  put(secret: BackendSecret): Promise<void>;
  /** Names and ids of its containers. */
  containers(): Promise<Record<string, string>>;
  read(path: string): string;
  close(): Promise<void>;
}

const STACK = `
services:
  caddy:
    image: \${GREENLEAF_IMAGE_CADDY}
    restart: always
    ports: ["127.0.0.1:\${PORT}:8080"]
    volumes: ["\${GREENLEAF_STACK}/caddy:/etc/caddy:ro", "\${GREENLEAF_RUN}/agent:/run/greenleaf:ro"]
    tmpfs: ["/tmp:mode=1777"]
    healthcheck: { interval: 1s, timeout: 20s, retries: 3, start_period: 60s }
    depends_on: [backend, storefront]
  backend:
    image: \${GREENLEAF_IMAGE_BACKEND}
    command: [/usr/local/bin/node, /app/app.js]
    env_file: ["\${GREENLEAF_RUN}/backend.env"]
    environment: { NAME: backend, PORT: "9000", HEALTH_URL: "http://127.0.0.1:9000/health" }
    volumes: ["\${GREENLEAF_STACK}/app:/app:ro"]
    restart: always
    healthcheck: { interval: 1s, timeout: 20s, retries: 2, start_period: 8s }
    deploy: { update_config: { order: start-first, monitor: 2s } }
    stop_grace_period: 8s
  storefront:
    image: \${GREENLEAF_IMAGE_STOREFRONT}
    command: [/usr/local/bin/node, /app/app.js]
    env_file: ["\${GREENLEAF_RUN}/storefront.env"]
    environment: { NAME: storefront, PORT: "3000", HEALTH_URL: "http://127.0.0.1:3000/health" }
    volumes: ["\${GREENLEAF_STACK}/app:/app:ro"]
    restart: always
    healthcheck: { interval: 1s, timeout: 20s, retries: 2, start_period: 8s }
    deploy: { update_config: { order: start-first, monitor: 2s } }
    stop_grace_period: 8s
`;
const BACKEND = `# greenleaf: reader=compose
DATABASE_URL=postgres://medusa:{{urlencode (secret "db")}}@{{ssm "db/host"}}:5432/medusa
DATABASE_CA_CERT={{ssm "db/ca"}}
VERSION={{secret "backend#version"}}
MODE={{secret "backend#mode"}}
`;
const STOREFRONT = `# greenleaf: reader=compose
VERSION={{ssm "shop/version"}}
PUBLISHABLE_KEY={{ssm "shop/publishable_key" from="first-run"}}
`;

export async function rotatingNode(project: string): Promise<RotatingNode | { readonly missing: string }> {
  const moto = await startMoto();
  if ("missing" in moto) return moto;
  const root = mkdtempSync(join(tmpdir(), "greenleaf-rotation-"));
  const ca = await ensureCertificates(join(root, "tls"), ["postgres"]);
  const postgres = await startPostgres(root);
  const put = await fill(moto, ca);
  const port = await freePort();
  writeFiles(root, nodeDocument(root, { project, port, aws: moto.url, postgres: postgres.port }));
  await publish(root);
  return {
    root,
    port,
    put,
    containers: async () => {
      const filters = { label: [`com.docker.compose.project=${project}`] };
      const listed = await docker.listContainers({ all: true, filters });
      return Object.fromEntries(listed.map(({ Names, Id }) => [Names[0]?.slice(1), Id]));
    },
    read: (path) => readFileSync(join(root, path), "utf8"),
    close: async () => {
      await removeProject(project);
      await Promise.all([moto.stop(), postgres.close()]);
      removeRoot(root);
    },
  };
}

async function startPostgres(root: string): Promise<FakePostgres> {
  const at = (name: string) => readFileSync(join(root, "tls/postgres", name), "utf8");
  const postgres = await startFakePostgres({ key: at("server.key"), cert: at("server.crt"), password: PASSWORD });
  postgres.recorded = () => [MIGRATIONS];
  return postgres;
}

async function fill({ url }: Moto, ca: string): Promise<RotatingNode["put"]> {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const settings = { endpoint: url, region: "eu-west-3", credentials };
  const [ssm, secrets] = [new SSMClient(settings), new SecretsManagerClient(settings)];
  const values = { "db/host": "postgres", "db/ca": ca, "shop/version": "one", "shop/publishable_key": "pk_1" };
  for (const [name, Value] of Object.entries(values))
    await ssm.send(new PutParameterCommand({ Name: `/greenleaf/test/${name}`, Type: "String", Value }));
  const first: BackendSecret = { version: "one", mode: "well" };
  await secrets.send(new CreateSecretCommand({ Name: "greenleaf/test/db", SecretString: PASSWORD }));
  await secrets.send(new CreateSecretCommand({ Name: "greenleaf/test/backend", SecretString: JSON.stringify(first) }));
  return async (secret) => {
    const SecretString = JSON.stringify(secret);
    await secrets.send(new PutSecretValueCommand({ SecretId: "greenleaf/test/backend", SecretString }));
  };
}

interface Place {
  readonly project: string;
  readonly port: number;
  readonly aws: string;
  readonly postgres: number;
}

const nodeDocument = (root: string, { project, port, aws, postgres }: Place): object => ({
  version: 1,
  project,
  environment: "test",
  role: "app",
  parameters: "/greenleaf/test",
  release: `file://${root}/release.json`,
  region: "eu-west-3",
  endpoints: { aws, imds: "none", database: `127.0.0.1:${postgres}` },
  rotation: { everySeconds: 10 },
  variables: { PORT: String(port) },
});

function writeFiles(root: string, document: object): void {
  const stack = join(root, "packing");
  for (const folder of ["etc/greenleaf", "packing/env", "packing/app"])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "etc/greenleaf/node.json"), JSON.stringify(document));
  writeFileSync(join(stack, "docker-compose.yml"), STACK);
  writeFileSync(join(stack, "env/backend.env.hbs"), BACKEND);
  writeFileSync(join(stack, "env/storefront.env.hbs"), STOREFRONT);
  cpSync(join(repository, "caddy"), join(stack, "caddy"), { recursive: true });
  cpSync(join(import.meta.dirname, "app.js"), join(stack, "app/app.js"));
}

async function publish(root: string): Promise<void> {
  const archive = join(root, "stack.tar.gz");
  execFileSync("sh", [
    "-c",
    `tar --sort=name --mtime=@0 --mode=a+rX -C "${root}/packing" -cf - . | gzip -n >"${archive}"`,
  ]);
  const sha256 = createHash("sha256").update(readFileSync(archive)).digest("hex");
  const [node, caddy] = await Promise.all(
    ["node", "caddy"].map(async (name) => (await docker.getImage(`greenleaf/${name}:local`).inspect()).Id),
  );
  const keys = newKeys();
  writeFileSync(join(root, "etc/greenleaf/release.pub"), keys.publicKey);
  const release = {
    id: "one",
    created: "2026-05-01T10:00:00Z",
    images: { backend: node ?? "", storefront: node ?? "", caddy: caddy ?? "" },
    stack: { uri: `file://${archive}`, sha256 },
    migrations: MIGRATIONS,
  };
  writeFileSync(join(root, "release.json"), JSON.stringify(signRelease(release, keys.privateKey)));
}
