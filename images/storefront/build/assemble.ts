// Puts the application of the image together: what `next build` left under .next, without what only a build needs.
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";

const [app] = process.argv.slice(2);
if (app === undefined) throw new Error("usage: assemble.ts TARGET");
const source = path.resolve(import.meta.dirname, "..");

cpSync(path.join(source, ".next/standalone"), app, { recursive: true });
cpSync(path.join(source, ".next/static"), path.join(app, ".next/static"), { recursive: true });
for (const name of ["public", "server", "src/settings.ts"]) {
  cpSync(path.join(source, name), path.join(app, name), { recursive: true });
}

// server/main.ts takes the place of Next's server.js; no page loads a script, so browsers need the styles alone.
const USELESS = /^server\.js$|\.(map|nft\.json|md|test\.ts)$|^\.next\/static\/.*\.js$/;
for (const file of readdirSync(app, { recursive: true, encoding: "utf8" })) {
  if (USELESS.test(file)) rmSync(path.join(app, file));
}
writeFileSync(path.join(app, "package.json"), '{ "type": "module" }\n');

// The keys of the preview mode are random in every build and would be the same on every node: server/pages.ts makes
// them at start, in /tmp.
const previewKeys = path.join(app, ".next/server/preview-props.json");
rmSync(previewKeys);
symlinkSync("/tmp/preview-props.json", previewKeys);
const manifest = path.join(app, ".next/prerender-manifest.json");
const { preview: _, ...prerendered } = JSON.parse(readFileSync(manifest, "utf8")) as Record<string, unknown>;
writeFileSync(manifest, JSON.stringify(prerendered));
