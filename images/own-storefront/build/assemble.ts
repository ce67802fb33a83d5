// Puts the application of the image together: what `next build` left as standalone output, and what that leaves out.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";

const [app] = process.argv.slice(2);
if (app === undefined) throw new Error("usage: assemble.ts TARGET");

const standalone = ".next/standalone";
if (!existsSync(path.join(standalone, "server.js"))) {
  throw new Error(`the build left no ${standalone}/server.js: next.config has to say output: "standalone"`);
}
cpSync(standalone, app, { recursive: true });
for (const name of [".next/static", "public"]) {
  if (existsSync(name)) cpSync(name, path.join(app, name), { recursive: true });
}

// The root of a container is read-only: what Next keeps for itself goes to /tmp (server/main.ts makes the folder), and
// a page that it makes anew stays in memory. Caddy compresses for the whole node.
const cache = path.join(app, ".next/cache");
rmSync(cache, { recursive: true, force: true });
symlinkSync("/tmp/next-cache", cache);
const file = path.join(app, ".next/required-server-files.json");
const built = JSON.parse(readFileSync(file, "utf8")) as { config: { experimental?: object } };
const experimental = { ...built.config.experimental, isrFlushToDisk: false };
writeFileSync(file, JSON.stringify({ ...built, config: { ...built.config, compress: false, experimental } }));

// The application's own package.json may call its files CommonJS.
mkdirSync(path.join(app, "greenleaf"));
writeFileSync(path.join(app, "greenleaf/package.json"), '{ "type": "module" }\n');
