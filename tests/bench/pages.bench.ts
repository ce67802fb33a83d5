import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHROMIUM, FLAGS, SHOP } from "../shop/browser.ts";
import { median } from "../support/quantile.ts";

// What Google's Lighthouse gives the shop's pages through Caddy, as a phone sees them. Needs a running shop (sudo
// ./greenleaf up) and Chromium. Lighthouse weighs 170 MB, so it is fetched for the run and no dependency of the project.
const LIGHTHOUSE = "lighthouse@13.5.0";
const RUNS = 3;
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"] as const;
const PAGES = [
  ["home", "/", ""],
  ["product", "/plants/monstera", ""],
  ["cart", "/cart", "asks search engines to stay away, which Lighthouse counts against seo"],
] as const;

interface Report {
  readonly categories: Readonly<Record<string, { readonly score: number | null }>>;
}

function look(folder: string, url: string): Promise<Report> {
  const report = join(folder, "report.json");
  const program = join(folder, "node_modules/lighthouse/cli/index.js");
  const options = ["--quiet", "--output=json", `--output-path=${report}`, "--no-enable-error-reporting"];
  const argv = [program, url, ...options, `--chrome-flags=${["--headless=new", ...FLAGS].join(" ")}`];
  const env = { ...process.env, CHROME_PATH: process.env.CHROME_PATH ?? CHROMIUM };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, argv, { env, stdio: ["ignore", "inherit", "inherit"], timeout: 180_000 });
    child.on("error", reject).on("close", (code) => {
      if (code === 0) resolve(JSON.parse(readFileSync(report, "utf8")) as Report);
      else reject(new Error(`lighthouse ended with ${code} for ${url}`));
    });
  });
}

const folder = mkdtempSync(join(tmpdir(), "greenleaf-lighthouse-"));
try {
  const quietly = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  execFileSync("npm", ["install", "--prefix", folder, ...quietly, LIGHTHOUSE], { stdio: "inherit" });
  console.log(`${LIGHTHOUSE}, a phone on slow 4G, medians of ${RUNS}; target 95 in each`);
  console.log(`page     ${CATEGORIES.map((name) => name.padStart(15)).join("")}`);
  for (const [name, path, remark] of PAGES) {
    const reports: Report[] = [];
    for (let run = 0; run < RUNS; run += 1) reports.push(await look(folder, `${SHOP}${path}`));
    const scores = CATEGORIES.map((category) =>
      median(reports.map(({ categories }) => Math.round((categories[category]?.score ?? Number.NaN) * 100))),
    );
    console.log(`${name.padEnd(9)}${scores.map((score) => String(score).padStart(15)).join("")}  ${remark}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
