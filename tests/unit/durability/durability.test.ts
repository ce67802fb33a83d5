import { globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { agentFoldersBelow } from "../../../node-agent/src/adapters/machine/agent-folders.ts";
import { releaseFilesBelow } from "../../../node-agent/src/adapters/machine/release-files.ts";
import { filesBelow } from "../../../node-agent/src/base/files.ts";
import { recordedCalls } from "./recorded-calls.ts";

function newRoot(): string {
  const root = mkdtempSync(join(tmpdir(), "greenleaf-durable-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return root;
}

const bytes = (text: string) => new TextEncoder().encode(text);

/**
 * Every writer of what must survive a power cut, and by hand what it must ask the system for: the bytes reach the disk
 * before their name is changed, and the folder that holds the name afterwards.
 */
const WRITERS: ReadonlyArray<{
  readonly writer: string;
  readonly write: (root: string) => Promise<unknown>;
  readonly calls: readonly string[];
}> = [
  {
    writer: "a file",
    write: (root) => filesBelow(root).write("/etc/node.json", "{}"),
    calls: [
      "create etc/node.json.greenleaf-tmp",
      "write etc/node.json.greenleaf-tmp",
      "sync etc/node.json.greenleaf-tmp",
      "rename etc/node.json.greenleaf-tmp to etc/node.json",
      "sync etc",
    ],
  },
  {
    writer: "several files at once",
    write: async (root) => {
      const staged = await filesBelow(root).stage([
        { path: "/run/a.env", content: "A=1" },
        { path: "/run/b.env", content: "B=1" },
      ]);
      await staged.commit("/run/a.env");
      await staged.commit("/run/b.env");
    },
    calls: [
      "create run/a.env.greenleaf-tmp",
      "write run/a.env.greenleaf-tmp",
      "sync run/a.env.greenleaf-tmp",
      "create run/b.env.greenleaf-tmp",
      "write run/b.env.greenleaf-tmp",
      "sync run/b.env.greenleaf-tmp",
      "rename run/a.env.greenleaf-tmp to run/a.env",
      "sync run",
      "rename run/b.env.greenleaf-tmp to run/b.env",
      "sync run",
    ],
  },
  {
    writer: "a release's folder",
    write: (root) =>
      releaseFilesBelow(root).place(
        "/releases/one",
        new Map([
          ["stack.yml", bytes("services: {}")],
          ["env/backend.env.hbs", bytes("A=1")],
        ]),
      ),
    calls: [
      "create releases/one.placing/stack.yml",
      "write releases/one.placing/stack.yml",
      "sync releases/one.placing/stack.yml",
      "create releases/one.placing/env/backend.env.hbs",
      "write releases/one.placing/env/backend.env.hbs",
      "sync releases/one.placing/env/backend.env.hbs",
      "sync releases/one.placing/env",
      "sync releases/one.placing",
      "rename releases/one.placing to releases/one",
      "sync releases",
    ],
  },
  {
    writer: "an agent's folder, with a Node of its own",
    write: (root) => {
      writeFileSync(join(root, "node.gz"), gzipSync("node"));
      const files = new Map([["main.js", bytes("1")]]);
      return agentFoldersBelow(root).place("/opt/1", { files, node: { gzip: join(root, "node.gz") } });
    },
    calls: [
      "create opt/1.placing/main.js",
      "write opt/1.placing/main.js",
      "sync opt/1.placing/main.js",
      "create opt/1.placing/node",
      "write opt/1.placing/node",
      "sync opt/1.placing/node",
      "sync opt/1.placing",
      "rename opt/1.placing to opt/1",
      "sync opt",
    ],
  },
  {
    writer: "an agent's folder, with the machine's Node",
    write: (root) => agentFoldersBelow(root).place("/opt/1", { files: new Map(), node: { link: "/usr/bin/node" } }),
    calls: [
      "link opt/1.placing/node to /usr/bin/node",
      "sync opt/1.placing",
      "rename opt/1.placing to opt/1",
      "sync opt",
    ],
  },
  {
    writer: "a program",
    write: (root) => {
      writeFileSync(join(root, "compose.gz"), gzipSync("compose"));
      return agentFoldersBelow(root).placeProgram("/usr/compose", join(root, "compose.gz"));
    },
    calls: [
      "create usr/compose.placing",
      "write usr/compose.placing",
      "sync usr/compose.placing",
      "rename usr/compose.placing to usr/compose",
      "sync usr",
    ],
  },
  {
    writer: "the link to the agent in use",
    write: (root) => agentFoldersBelow(root).link("/opt/current", "1"),
    calls: ["link opt/current.placing to 1", "rename opt/current.placing to opt/current", "sync opt"],
  },
];

test.each(WRITERS)("$writer survives a power cut as a whole: bytes, then the name, then the folder", async (one) => {
  const root = newRoot();
  expect(await recordedCalls(root, () => one.write(root))).toEqual(one.calls);
});

/** Who else writes, and why a power cut may take it: what it writes is the kernel's or gone after a restart anyway. */
const OTHER_WRITERS: Readonly<Record<string, string>> = {
  "node-agent/src/adapters/kernel/conntrack.ts": "flows for one load, in a folder that is removed at once",
  "node-agent/src/adapters/kernel/sysctl.ts": "settings of the running kernel",
  "node-agent/src/adapters/machine/daemon.ts": "a program's log, only appended to",
  "node-agent/src/adapters/machine/lock.ts": "who holds a lock, which the kernel frees",
  "node-agent/src/base/read-whole.ts": "nothing: it opens to read",
  "node-agent/src/daemon/http/listen.ts": "a socket's name in /run",
};

test("nothing else of the agent writes files by itself", () => {
  const root = join(import.meta.dirname, "..", "..", "..");
  const listed = [
    ...Object.keys(OTHER_WRITERS),
    "node-agent/src/base/durable.ts",
    "node-agent/src/base/files.ts",
    "node-agent/src/adapters/machine/agent-folders.ts",
  ];
  const writes = globSync("node-agent/src/**/*.ts", { cwd: root })
    .filter((file) => !file.endsWith(".test.ts"))
    .filter((file) => {
      const imported = [
        ...readFileSync(join(root, file), "utf8").matchAll(/import \{([^}]*)\} from "node:fs(?:\/promises)?"/g),
      ];
      return imported.some(([, names = ""]) =>
        /\b(writeFile|appendFile|rename|copyFile|cp|symlink|open|write|createWriteStream|truncate)(Sync)?\b/.test(
          names,
        ),
      );
    });
  expect(writes.toSorted()).toEqual(listed.toSorted());
});

test("a link that is planted under the temporary name between its removal and the write gets nothing", async () => {
  const root = newRoot();
  const target = join(root, "elsewhere");
  writeFileSync(target, "untouched");
  const planted = `${join(root, "a")}.greenleaf-tmp`;
  // The writer removes what lies there first; whoever is faster than its next call must still not win.
  const { rm } = await import("node:fs/promises");
  const promises = (await import("node:fs/promises")).default;
  const { syncBuiltinESMExports } = await import("node:module");
  promises.rm = async (path, options) => {
    await rm(path, options);
    if (path === planted) symlinkSync(target, planted);
  };
  syncBuiltinESMExports();
  try {
    await expect(filesBelow(root).write("/a", "secret")).rejects.toThrow(/is not a file that can be used/);
  } finally {
    promises.rm = rm;
    syncBuiltinESMExports();
  }
  expect(readFileSync(target, "utf8")).toBe("untouched");
});
