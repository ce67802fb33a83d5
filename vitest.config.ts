import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const runsPrograms = (name: string) => ["integration", "boot", "shop", "upgrade"].includes(name);

// One project per `greenleaf test` group that vitest runs; a group is a folder, so a new suite needs no line here.
const group = (name: string, include: string[], testTimeout: number) => ({
  test: {
    name,
    include,
    testTimeout,
    hookTimeout: testTimeout,
    fileParallelism: name === "unit" || name === "runner",
    // Small files by the hundred: a process for each costs more than what they do. So no unit test leaves a mark on its process.
    isolate: name !== "unit",
    // One test chosen while writing it would leave the others out, in silence.
    allowOnly: false,
    setupFiles: [
      "tests/support/no-empty-each.ts",
      ...(runsPrograms(name) ? ["tests/support/no-kept-connections.ts"] : []),
    ],
  },
});

const waits = ({ moduleId }: TestSpecification) =>
  Number(/\/(terraform\/apply|nat\/deadlines)\.test\.ts$/.test(moduleId));

/** The suite that mostly waits begins first, so that the others run beside it. */
class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => waits(b) - waits(a));
  }
}

// A third of them wait for programs they started: on two cores one worker alone leaves half of the machine idle.
const units = ({ test }: ReturnType<typeof group>) => ({ test: { ...test, maxWorkers: 3 } });

// Two at a time on two cores as well; plans that several suites read are kept for the run.
const planned = ({ test }: ReturnType<typeof group>) => ({
  test: { ...test, fileParallelism: true, maxWorkers: 2, globalSetup: ["tests/terraform/cache-folder.ts"] },
});

// Routers mostly wait, for deadlines of minutes and for leases; one bundle of the agent serves all suites.
const routers = ({ test }: ReturnType<typeof group>) => ({
  test: { ...test, fileParallelism: true, maxWorkers: 3, globalSetup: ["tests/nat/setup.ts"] },
});

// Packages are waited for while the other file works; one stock image for all.
const bakeries = ({ test }: ReturnType<typeof group>) => ({
  test: { ...test, fileParallelism: true, maxWorkers: 2, globalSetup: ["tests/packer/setup.ts"] },
});

// They mostly wait for containers; what each makes carries its own process's id.
const beside = ({ test }: ReturnType<typeof group>) => ({ test: { ...test, fileParallelism: true, maxWorkers: 2 } });

// One account, and a release in it, for all nodes.
const nodes = ({ test }: ReturnType<typeof group>) => ({ test: { ...test, globalSetup: ["tests/boot/account.ts"] } });

export default defineConfig({
  test: {
    sequence: { sequencer: WaitingFirst },
    env: {
      // Ryuk, testcontainers' reaper, is an image to pull; our suites remove what they made.
      TESTCONTAINERS_RYUK_DISABLED: "true",
      // Inside a container testcontainers takes the bridge's gateway for the engine's host; our engine is always beside us,
      // and the certificates of the servers under test name 127.0.0.1.
      TESTCONTAINERS_HOST_OVERRIDE: "127.0.0.1",
    },
    projects: [
      units(group("unit", ["node-agent/src/**/*.test.ts", "scripts/**/*.test.ts", "tests/unit/**/*.test.ts"], 120_000)),
      group("runner", ["tests/runner/**/*.test.ts"], 300_000),
      group("images", ["tests/images/**/*.test.ts"], 900_000),
      beside(group("integration", ["tests/integration/**/*.test.ts"], 600_000)),
      group("safe", ["tests/safe/**/*.test.ts"], 600_000),
      group("rollout", ["tests/rollout/**/*.test.ts"], 300_000),
      group("upgrade", ["tests/upgrade/**/*.test.ts"], 1_200_000),
      group("fresh", ["tests/fresh/**/*.test.ts"], 14_400_000),
      group("shop", ["tests/shop/**/*.test.ts"], 300_000),
      routers(group("nat", ["tests/nat/**/*.test.ts"], 300_000)),
      planned(group("terraform", ["tests/terraform/**/*.test.ts"], 900_000)),
      nodes(group("boot", ["tests/boot/**/*.test.ts"], 600_000)),
      bakeries(group("packer", ["tests/packer/**/*.test.ts"], 300_000)),
    ],
  },
});
