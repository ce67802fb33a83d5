import { installLabTools, LAB_TOOLS } from "../lab/lab-tools.ts";
import { installPrograms } from "../programs.ts";
import { runChecks } from "./checks.ts";
import type { Counts } from "./counts.ts";
import { add } from "./counts.ts";
import { prepareImages } from "./prepare.ts";
import { runShop } from "./shop.ts";
import { runVitest } from "./vitest.ts";

export interface Group {
  readonly name: string;
  readonly what: string;
  readonly run: () => Promise<Counts>;
}

/** What machine images are made with. */
const IMAGE_TOOLS = { mmdebstrap: "mmdebstrap", curl: "curl", "ssh-keygen": "openssh-client" };

/** What `greenleaf test` runs, in order: the cheapest first, so that a slip shows early; the shop last, for it takes the images away. */
export const GROUPS: readonly Group[] = [
  {
    name: "unit",
    what: "format, lint, types, dead code and every test that needs only Node",
    run: async () => {
      await installPrograms({ shellcheck: "shellcheck" });
      return add(await runChecks(), await runVitest("unit"));
    },
  },
  {
    name: "images",
    what: "the container images, built and looked into",
    run: async () => {
      await prepareImages();
      return runVitest("images");
    },
  },
  {
    name: "integration",
    what: "agent, backend and stack on a real engine with PostgreSQL, Valkey, an AWS API and an S3 store",
    run: async () => {
      await prepareImages();
      return runVitest("integration");
    },
  },
  {
    name: "boot",
    what: "releases published and moved, and cloud nodes from user_data to a healthy shop under systemd",
    run: async () => {
      await installPrograms({ ...LAB_TOOLS, ...IMAGE_TOOLS });
      await prepareImages();
      return runVitest("boot");
    },
  },
  {
    name: "packer",
    what: "golden images baked by packer, sealed and published, and what makes a build fail",
    run: async () => {
      await installPrograms({ packer: "packer", ...IMAGE_TOOLS });
      // The stand-in for AWS.
      await prepareImages("aws");
      return runVitest("packer");
    },
  },
  {
    name: "nat",
    what: "routers with real packets in network namespaces",
    run: async () => {
      await installLabTools();
      return runVitest("nat");
    },
  },
  {
    name: "terraform",
    what: "the fleet planned, priced and applied to an AWS API",
    run: async () => {
      // The stand-in for AWS.
      await prepareImages("aws");
      return runVitest("terraform");
    },
  },
  { name: "shop", what: "greenleaf up beside anything that runs, and a purchase in a browser", run: runShop },
];
