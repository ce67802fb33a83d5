import { type OperatorCommand, STOREFRONT, WORLD_OPTIONS } from "./command.ts";

/** Commands about the shop on this machine. */
export const LOCAL_COMMANDS: readonly OperatorCommand[] = [
  {
    name: "up",
    summary: "turn this machine into a running shop on http://localhost:8080",
    examples: [
      "sudo ./greenleaf up",
      "sudo ./greenleaf up --port 9000 --project second",
      "sudo ./greenleaf up --storefront ../my-storefront",
    ],
    options: {
      ...WORLD_OPTIONS,
      listen: {
        type: "string",
        value: "ADDRESS",
        summary: "address the shop listens on: this machine's alone (default 127.0.0.1), or 0.0.0.0 for all networks",
      },
      shop: {
        type: "string",
        value: "FILE",
        summary: "name, country, money and tax, as Terraform's variable shop in JSON",
      },
      storefront: STOREFRONT,
      data: {
        type: "string",
        value: "FILE",
        summary: "a shop of before: pg_dump --format=custom of its Medusa database, for a world that has none yet",
      },
      "store-origin": {
        type: "string",
        value: "URL",
        summary: "a site elsewhere whose pages may use the shop's API, as http://localhost:8000; several with commas",
      },
    },
    run: async (line) => (await import("../up.ts")).up(line),
  },
  {
    name: "down",
    summary: "stop the shop; with --purge remove everything `up` made and installed",
    examples: ["sudo ./greenleaf down", "sudo ./greenleaf down --purge --yes"],
    options: {
      ...WORLD_OPTIONS,
      purge: { type: "boolean", summary: "remove data, images, files and installed packages too" },
      yes: { type: "boolean", summary: "do not ask before --purge" },
      "keep-images": { type: "boolean", summary: "with --purge: leave the images, for the next `up`" },
    },
    run: async (line) => (await import("../down.ts")).down(line),
  },
  {
    name: "status",
    summary: "show the verdict on the local node, phase by phase",
    examples: ["./greenleaf status", "./greenleaf status --json"],
    options: { ...WORLD_OPTIONS, json: { type: "boolean", summary: "one JSON document" } },
    run: async (line) => (await import("../status.ts")).status(line),
  },
  {
    name: "logs",
    summary: "show what the services of the local node print",
    examples: ["./greenleaf logs", "./greenleaf logs backend --follow"],
    positionals: ["[SERVICE...]"],
    options: {
      ...WORLD_OPTIONS,
      follow: { type: "boolean", summary: "go on as more is printed" },
      tail: { type: "string", value: "N", summary: "lines of each service (default 100)" },
    },
    run: async (line) => (await import("../logs.ts")).logs(line),
  },
  {
    name: "admin",
    summary: "reset the password of a shopkeeper who can no longer log in",
    examples: ["sudo ./greenleaf admin reset-password", "sudo ./greenleaf admin reset-password me@shop.example <file"],
    positionals: ["reset-password", "[EMAIL]"],
    options: WORLD_OPTIONS,
    run: async (line) => (await import("../admin.ts")).admin(line),
  },
  {
    name: "demo",
    summary: "remove the demo's plants, categories, collections and pictures, and nothing of yours",
    examples: ["sudo ./greenleaf demo remove", "sudo ./greenleaf demo remove --yes"],
    positionals: ["remove"],
    options: { ...WORLD_OPTIONS, yes: { type: "boolean", summary: "do not ask" } },
    run: async (line) => (await import("../demo.ts")).demo(line),
  },
  {
    name: "doctor",
    summary: "check this machine and suggest fixes",
    examples: ["./greenleaf doctor"],
    options: { ...WORLD_OPTIONS, json: { type: "boolean", summary: "one JSON document" } },
    run: async (line) => (await import("../doctor.ts")).doctor(line),
  },
  {
    name: "images",
    summary: "build the container images",
    examples: ["sudo ./greenleaf images", "sudo ./greenleaf images backend --fresh", "sudo ./greenleaf images --sizes"],
    positionals: ["[NAME...]"],
    options: {
      sizes: { type: "boolean", summary: "print what the built images weigh, build nothing" },
      fresh: { type: "boolean", summary: "build all again, with Debian's present packages" },
      recorded: { type: "boolean", summary: "take exactly the package versions of the last build, or fail" },
    },
    run: async (line) => (await import("../images.ts")).images(line),
  },
  {
    name: "audit",
    summary: "tell what is known to be wrong with the packages we ship, and what could not be asked",
    examples: ["./greenleaf audit", "./greenleaf audit --json | jq .parts"],
    options: {
      ask: { type: "boolean", summary: "ask the npm registry for each package whether it is deprecated" },
      json: { type: "boolean", summary: "one JSON document" },
    },
    run: async (line) => (await import("../audit.ts")).audit(line),
  },
  {
    name: "test",
    summary: "run what CI runs, or groups of it",
    examples: ["sudo ./greenleaf test", "sudo ./greenleaf test unit", "sudo ./greenleaf test fresh --only safe"],
    positionals: ["[GROUP...]"],
    options: {
      only: {
        type: "string",
        multiple: true,
        value: "GROUP",
        summary: "of the group fresh: what to run on its machines (default all)",
      },
      "raise-minimums": { type: "boolean", summary: "write down how many tests there are, as the least there may be" },
    },
    run: async (line) => (await import("../test.ts")).test(line),
  },
  {
    name: "bench",
    summary: "measure the numbers of the design beside real peers",
    examples: [
      "sudo ./greenleaf bench",
      "sudo ./greenleaf bench nat memory",
      "./greenleaf bench mutants scripts/cost --seed 2 --count 50",
      "sudo ./greenleaf bench rollout --rounds 10",
    ],
    positionals: ["[GROUP...]"],
    options: {
      rounds: { type: "string", value: "N", summary: "of the group rollout: how often it repeats (default 50)" },
      seed: { type: "string", value: "N", summary: "of the group mutants: draws others (default 1)" },
      count: { type: "string", value: "N", summary: "of the group mutants: so many of each folder (default 300)" },
      workers: { type: "string", value: "N", summary: "of the group mutants: judges beside each other (default 2)" },
    },
    run: async ({ positionals, options }) => (await import("../bench.ts")).bench(positionals, options),
  },
  {
    name: "lab",
    summary: "a VPC in network namespaces, to look at routers and break them",
    examples: [
      "sudo ./greenleaf lab vpc up",
      "sudo ./greenleaf lab vpc page",
      "sudo ./greenleaf lab vpc break router-a-dies",
    ],
    positionals: ["vpc", "up|status|page|break|down", "[FAULT|PORT]"],
    environment: { GREENLEAF_LAB: "another name, for a second lab beside the first" },
    run: async ({ positionals }) => (await import("../lab.ts")).lab(positionals),
  },
];
