import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faultsOf } from "../../scripts/test/closing.ts";
import { type Machine, machineMissing, newMachine } from "../support/machine.ts";
import { prefixReaper } from "../support/reaper.ts";
import { STEPS, writeSettings } from "./settings.ts";

const missing = machineMissing();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;
const ONLY = (process.env.GREENLEAF_FRESH_ONLY ?? "").split(" ").filter((name) => name !== "");
/** Of a whole `test` that builds everything first, on a machine that has other things to do. */
const HOURS = 4;

/** What a computer gives to who sits before it, and a container does not. */
const COMPUTER = ["--cap-add", "SYS_PTRACE", "--shm-size", "2g", "--security-opt", "systempaths=unconfined"];

describe.skipIf(missing !== undefined).each(["bookworm", "trixie"] as const)(
  `a newcomer's Debian %s${why}`,
  (suite) => {
    const settings = mkdtempSync(join(tmpdir(), "greenleaf-fresh-"));
    const reaper = prefixReaper(`greenleaf-test-machine-${process.pid}-${suite}`);
    let machine: Machine;

    beforeAll(async () => {
      await writeSettings(settings);
      machine = newMachine(suite, [...COMPUTER, "--volume", `${settings}:/settings:ro`], HOURS);
    });
    afterAll(async () => {
      machine?.remove();
      await reaper.finish();
      rmSync(settings, { recursive: true, force: true });
    });

    test("has neither engine, Node nor npm, and takes a clone", () => {
      expect(machine.run("command -v docker dockerd node npm git").stdout).toBe("");
      for (const [what, line] of STEPS) {
        const { code, stderr } = machine.run(line);
        expect([what, code, code === 0 ? "" : stderr.slice(-500)]).toEqual([what, 0, ""]);
      }
    });

    test(`passes sudo ./greenleaf test ${ONLY.join(" ")}, and skips nothing that it could run`, async () => {
      const { code, stdout } = await followed(machine.name, ["sudo", "./greenleaf", "test", ...ONLY]);
      expect(faultsOf(code, stdout)).toEqual([]);
    });
  },
);

/** Runs a command in the clone; which group is at work, and what failed, is shown as it comes. */
function followed(container: string, command: readonly string[]): Promise<{ code: number | null; stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn("docker", ["exec", "--workdir", "/root/greenleaf", container, ...command], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line);
      if (/^(== |failed: |skipped: |\d+ passed, )/.test(line)) process.stdout.write(`${line}\n`);
    });
    const told: string[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => told.push(line));
    child.on("error", reject).on("close", (code) => {
      if (code !== 0) process.stderr.write(`${told.slice(-20).join("\n")}\n`);
      resolve({ code, stdout: lines.join("\n") });
    });
  });
}
