import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BOOT_PROJECT, type BootNode, DATABASE_PASSWORD } from "../integration/boot-node.ts";
import { docker } from "../integration/compose-oracle.ts";
import { nodePerTest } from "../integration/node-per-test.ts";
import { runAgent } from "../support/agent-process.ts";

let node: BootNode;
nodePerTest((made) => (node = made));

/** Part of the password in plain, quoted, percent and base64 spelling, at each alignment. */
const CANARY = /canary|Y2FuYXJ5|bmFye|YW5hcn/i;

test("the pattern finds every spelling that a program prints", () => {
  const escaped = DATABASE_PASSWORD.replaceAll("\\", "\\\\");
  for (const spelling of [DATABASE_PASSWORD, escaped, encodeURIComponent(DATABASE_PASSWORD)])
    for (const shift of ["", "x", "xx"]) {
      expect(spelling).toMatch(CANARY);
      expect(Buffer.from(shift + spelling).toString("base64")).toMatch(CANARY);
    }
});

/** What a program prints that cannot reach its database: its address, and the password alone, in several spellings. */
const TALKATIVE = `
touch /tmp/talked
decoded=$(busybox printf '%b' "$(busybox echo "$DATABASE_URL" | busybox sed 's/%/\\\\x/g')")
rest=\${decoded#*://medusa:}
echo "cannot connect $DATABASE_URL" >&2
echo "cannot log in with \${rest%@*}" >&2
busybox printf '%s' "\${rest%@*}" | busybox base64 >&2
exit 1
`;

const at = (path: string): string => join(node.root, path);

test.each([false, true])(
  "what a failing container prints holds no secret wherever it is told (AWS away: %s)",
  async (isAway) => {
    expect((await runAgent("boot", "--root", node.root, "--within", "20")).code).toBe(0);
    node.publish({ id: "two", pack: (folder) => writeFileSync(join(folder, "scripts/service.sh"), TALKATIVE) });
    if (isAway) await node.aws.close();
    const format = isAway ? "json" : "text";
    const ran = await runAgent("boot", "--root", node.root, "--within", "20", "--log", format);
    const status = await runAgent("status", "--json", "--root", node.root);
    const plan = await runAgent("plan", "--root", node.root);
    const kept = readFileSync(at("var/lib/greenleaf/status.json"), "utf8");
    for (const told of [ran.stdout, ran.stderr, status.stdout, plan.stdout, plan.stderr, kept])
      expect(told.match(CANARY)).toBeNull();
    expect(ran.code, ran.stderr).toBe(69);
    for (const line of ["cannot connect", "cannot log in"]) expect(ran.stderr).toContain(line);
    expect(ran.stderr.includes("is kept")).toBe(isAway);
  },
);

/** The word alone is in the name of this file. */
const PASSWORD = /canary('|%27)db|Y2FuYXJ5J2Ri/i;

/** The command line of every process of this machine, as any user reads it. */
function commandLines(): string {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return "";
      }
    })
    .join("\n");
}

test("no secret is on a command line while a node boots", async () => {
  const seen = new Set<string>();
  const look = setInterval(() => void seen.add(commandLines()), 20);
  try {
    expect((await runAgent("boot", "--root", node.root, "--within", "20")).code).toBe(0);
  } finally {
    clearInterval(look);
  }
  expect([...seen].some((lines) => lines.includes(node.root))).toBe(true);
  expect([...seen].join("\n").match(PASSWORD)).toBeNull();
});

const asNobody = (...command: string[]) =>
  spawnSync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", ...command], { encoding: "utf8" });

test("no other user reads a secret: of no file and of no container", async () => {
  expect((await runAgent("boot", "--root", node.root, "--within", "20")).code).toBe(0);
  const files = readdirSync(node.root, { recursive: true, encoding: "utf8", withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const holding = files.filter((path) => CANARY.test(readFileSync(path, "latin1")));
  expect(holding).toContain(at("run/greenleaf/backend.env"));
  expect(holding.filter((path) => (statSync(path).mode & 0o077) !== 0)).toEqual([]);

  const container = `${BOOT_PROJECT}-backend-1`;
  const { State } = await docker.getContainer(container).inspect();
  expect(asNobody("docker", "inspect", container).stdout.match(CANARY)).toBeNull();
  expect(asNobody("cat", `/proc/${State.Pid}/environ`).stdout).toBe("");
});
