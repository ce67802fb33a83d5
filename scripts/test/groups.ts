import { installLabTools, LAB_TOOLS } from "../lab/lab-tools.ts";
import { installPrograms } from "../programs.ts";
import { runChecks } from "./checks.ts";
import type { Counts } from "./counts.ts";
import { add } from "./counts.ts";
import { inOwnWorld } from "./own-world.ts";
import { prepareCompose, prepareEngine, prepareImages } from "./prepare.ts";
import type { TestRun } from "./run.ts";
import { runShop } from "./shop.ts";
import { runVitest } from "./vitest.ts";

export interface Group {
  readonly name: string;
  readonly what: string;
  /** Groups of one lane run in their order, the two lanes beside each other; those of none run before, alone. */
  readonly lane?: Lane;
  /** Runs only where it is named: it takes as long as all others. */
  readonly isApart?: true;
  readonly run: (run: TestRun) => Promise<Counts>;
}

/**
 * Most groups mostly wait: for containers, for packages, for deadlines. One lane builds images, boots nodes and has routers
 * take over from each other; beside it runs what computes or downloads, and then what has a world of its own.
 */
export type Lane = "engine" | "beside";

/** What the agent is watched with, and what a bare machine is made with. */
const WATCHING_TOOLS = { strace: "strace", mmdebstrap: "mmdebstrap" };

/** What machine images are made with. */
const IMAGE_TOOLS = { mmdebstrap: "mmdebstrap", curl: "curl", "ssh-keygen": "openssh-client" };

/** What `greenleaf test` runs: the cheapest first, so that a slip shows early; the shop last, for nothing is quicker to tell by hand. */
export const GROUPS: readonly Group[] = [
  {
    name: "unit",
    what: "format, lint, types, dead code and every test that needs only Node",
    run: async (run) => {
      await installPrograms({ shellcheck: "shellcheck" });
      await prepareCompose();
      return add(await runChecks(), await runVitest("unit", run));
    },
  },
  {
    name: "runner",
    what: "this command itself, with suites that go wrong or are ended",
    run: (run) => runVitest("runner", run),
  },
  {
    name: "images",
    lane: "engine",
    what: "the container images, built and looked into",
    run: async (run) => {
      await prepareImages();
      return runVitest("images", run);
    },
  },
  {
    name: "integration",
    lane: "engine",
    what: "agent, backend and stack on a real engine with PostgreSQL, Valkey, an AWS API and an S3 store",
    run: async (run) => {
      await installPrograms(WATCHING_TOOLS);
      await prepareImages();
      return runVitest("integration", run);
    },
  },
  {
    name: "boot",
    lane: "engine",
    what: "releases published and moved, and cloud nodes from user_data to a healthy shop under systemd",
    run: async (run) => {
      await installPrograms({ ...LAB_TOOLS, ...IMAGE_TOOLS });
      await prepareImages();
      return runVitest("boot", run);
    },
  },
  {
    name: "packer",
    lane: "beside",
    what: "golden images baked by packer, sealed and published, and what makes a build fail",
    run: async (run) => {
      await installPrograms({ packer: "packer", ...IMAGE_TOOLS });
      // The stand-in for AWS.
      await prepareImages("aws");
      return runVitest("packer", run);
    },
  },
  {
    name: "terraform",
    lane: "beside",
    what: "the fleet planned, priced and applied to an AWS API",
    run: async (run) => {
      // The stand-in for AWS.
      await prepareImages("aws");
      return runVitest("terraform", run);
    },
  },
  {
    name: "nat",
    lane: "engine",
    what: "routers with real packets in network namespaces",
    run: async (run) => {
      await installLabTools();
      return runVitest("nat", run);
    },
  },
  {
    name: "safe",
    lane: "beside",
    what: "strangers: nonsense, slow bodies and look-alikes against the real Caddy, the real agent and the real engine",
    run: async (run) => {
      await installLabTools();
      await prepareImages();
      return runVitest("safe", run);
    },
  },
  {
    name: "rollout",
    lane: "beside",
    what: "new versions of services under load: none of the requests is lost, and a bad version takes nothing away",
    run: async (run) => {
      await prepareImages();
      return runVitest("rollout", run);
    },
  },
  {
    name: "upgrade",
    lane: "beside",
    what: "a world of an older checkout taken over by this one, and back",
    run: async (run) => {
      await prepareImages();
      return inOwnWorld(run, "upgrade", ({ project, port }) =>
        runVitest("upgrade", run, { GREENLEAF_UPGRADE_PROJECT: project, GREENLEAF_UPGRADE_PORT: port }),
      );
    },
  },
  {
    name: "shop",
    lane: "beside",
    what: "greenleaf up beside anything that runs, and a purchase in a browser",
    run: runShop,
  },
  {
    name: "fresh",
    isApart: true,
    what: "a newcomer's Debian 12 and Debian 13: a clone, and this command in it",
    run: async (run) => {
      await installPrograms(WATCHING_TOOLS);
      await prepareEngine();
      return runVitest("fresh", run, { GREENLEAF_FRESH_ONLY: run.only.join(" ") });
    },
  },
];
