import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { $ } from "zx";
import { root } from "../../scripts/images/folders.ts";
import { imageSize } from "../../scripts/images/image-facts.ts";
import { BUDGETS } from "../../scripts/images/size-table.ts";
import { buildImages } from "../../scripts/images.ts";

/** What most teams write first: everything in one stage on the plain base, with the compiler's and npm's leavings. */
const ONE_STAGE: Readonly<Record<string, { build: string; start: string }>> = {
  backend: {
    build:
      "mkdir certs && node build/rds-bundle.mjs >certs/rds.pem && XDG_CONFIG_HOME=/tmp node --env-file=build/build.env node_modules/@medusajs/cli/cli.js build",
    start: "node_modules/.bin/medusa start",
  },
  storefront: { build: "npx --no-install next build", start: "node_modules/.bin/next start" },
};

const folder = await mkdtemp(join(tmpdir(), "gl-bench-images-"));
try {
  process.stdout.write("megabytes (10^6) as a registry sends them\n\n");
  await buildImages({ log: (text) => process.stderr.write(`${text}\n`) });
  const rows = [["image", "ours", "one stage", "ratio", "budget"]];
  let over = false;
  for (const [name, recipe] of Object.entries(ONE_STAGE)) {
    const peer = await buildOneStage(name, recipe);
    const [ours, theirs] = [await megabytesOf(`greenleaf/${name}:local`), await megabytesOf(peer)];
    await $({ quiet: true })`docker rmi ${peer}`;
    over ||= ours > (BUDGETS[name] ?? 0);
    rows.push([name, ours.toFixed(1), theirs.toFixed(1), `1 : ${(theirs / ours).toFixed(1)}`, `${BUDGETS[name]}`]);
  }
  for (const [name = "", ...cells] of rows) {
    process.stdout.write(`${name.padEnd(12)}${cells.map((cell) => cell.padStart(12)).join("")}\n`);
  }
  process.stdout.write(over ? "over the budget\n" : "every image is within its budget\n");
  process.exitCode = over ? 1 : 0;
} finally {
  await rm(folder, { recursive: true });
}

async function megabytesOf(image: string): Promise<number> {
  return (await imageSize(image)).compressed / 1e6;
}

/** Builds the peer and gives its tag. Node and npm are the pinned ones; only the way of building differs. */
async function buildOneStage(name: string, { build, start }: { build: string; start: string }): Promise<string> {
  const tag = `greenleaf-bench/${name}:one-stage`;
  const dockerfile = join(folder, `${name}.Dockerfile`);
  const text = [
    "FROM debian:trixie-slim",
    "COPY --from=greenleaf/build:local /usr/local /usr/local",
    "ENV NPM_CONFIG_USERCONFIG=/run/secrets/npmrc NEXT_TELEMETRY_DISABLED=1 MEDUSA_DISABLE_TELEMETRY=true",
    "WORKDIR /app",
    "COPY . .",
    "RUN --mount=type=secret,id=ca --mount=type=secret,id=npmrc npm install --no-save --ignore-scripts",
    `RUN ${build}`,
    `CMD ["/bin/sh", "-c", "${start}"]`,
  ];
  await writeFile(dockerfile, `${text.join("\n")}\n`);
  await writeFile(`${dockerfile}.dockerignore`, "node_modules\n.next\n.medusa\n");
  const secrets = ["ca", "npmrc"].flatMap((id) => [
    "--secret",
    `id=${id},src=${join("dist", "images", "secrets", id)}`,
  ]);
  const context = join("images", name);
  await $({ quiet: true, cwd: root })`docker buildx build --load -t ${tag} ${secrets} -f ${dockerfile} ${context}`;
  return tag;
}
