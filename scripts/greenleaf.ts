import { describeError, EXIT, exitCodeOf, UsageError } from "../node-agent/src/errors.ts";
import { isHelp, type OperatorCommand } from "./operator-command.ts";

const COMMANDS: readonly OperatorCommand[] = [
  {
    name: "up",
    summary: "turn this machine into a running shop on http://localhost:8080",
    examples: ["sudo ./greenleaf up", "sudo ./greenleaf up --port 9000"],
    load: () => import("./up.ts"),
  },
  {
    name: "down",
    summary: "stop the shop; with --purge remove everything `up` made and installed",
    examples: ["sudo ./greenleaf down", "sudo ./greenleaf down --purge --yes"],
    load: () => import("./down.ts"),
  },
  {
    name: "test",
    summary: "run what CI runs, or one group of it",
    examples: ["sudo ./greenleaf test", "sudo ./greenleaf test unit"],
    load: () => import("./test.ts"),
  },
  {
    name: "status",
    summary: "show the verdict on the local node, phase by phase",
    examples: ["./greenleaf status", "./greenleaf status --json"],
    load: () => import("./status.ts"),
  },
  {
    name: "logs",
    summary: "show what the services of the local node print",
    examples: ["./greenleaf logs", "./greenleaf logs backend --follow"],
    load: () => import("./logs.ts"),
  },
  {
    name: "doctor",
    summary: "check this machine and say what to mend",
    examples: ["./greenleaf doctor"],
    load: () => import("./doctor.ts"),
  },
  {
    name: "images",
    summary: "build the container images",
    examples: ["sudo ./greenleaf images", "sudo ./greenleaf images --sizes"],
    load: () => import("./images.ts"),
  },
  {
    name: "ami",
    summary: "bake the golden image of a role with packer, and publish it for the next instances",
    examples: ["./greenleaf ami router", "./greenleaf ami app --env prod --os debian-13"],
    load: () => import("./ami.ts"),
  },
  {
    name: "agent-archive",
    summary: "build the signed archive that nodes and machine images install the agent from",
    examples: ["./greenleaf agent-archive --key release.key", "./greenleaf agent-archive --key release.key --out DIR"],
    load: () => import("./agent-archive.ts"),
  },
  {
    name: "bench",
    summary: "measure the numbers of the design beside real peers",
    examples: ["sudo ./greenleaf bench", "sudo ./greenleaf bench config"],
    load: () => import("./bench.ts"),
  },
  {
    name: "lab",
    summary: "a VPC in network namespaces, to look at routers and break them",
    examples: ["sudo ./greenleaf lab vpc up", "sudo ./greenleaf lab vpc break router-a-dies"],
    load: () => import("./lab.ts"),
  },
  {
    name: "bootstrap",
    summary: "make, once per AWS account, what terraform init needs",
    examples: ["scripts/bootstrap.sh"],
    load: () => import("./bootstrap.ts"),
  },
  {
    name: "cost",
    summary: "price the planned fleet; fails above the limit",
    examples: ["./greenleaf cost all", "./greenleaf cost preprod --json", "./greenleaf cost all --html cost.html"],
    load: () => import("./cost.ts"),
  },
  {
    name: "diagram",
    summary: "draw the architecture from the plan",
    examples: ["./greenleaf diagram prod --out docs/pictures/architecture.svg"],
    load: () => import("./diagram.ts"),
  },
  {
    name: "fleet",
    summary: "show instances, versions and health of the fleet in AWS",
    examples: ["./greenleaf fleet status", "./greenleaf fleet status --json"],
    load: () => import("./fleet.ts"),
  },
  {
    name: "release",
    summary: "publish this checkout: images, stack and a signed document",
    examples: ["./greenleaf release", "./greenleaf release --env preprod"],
    load: () => import("./release.ts"),
  },
  {
    name: "deploy",
    summary: "move nodes to a release: the local one, or an environment's",
    examples: [
      "sudo ./greenleaf deploy",
      "./greenleaf deploy prod RELEASE",
      "./greenleaf deploy prod RELEASE --in-place",
    ],
    load: () => import("./deploy.ts"),
  },
  {
    name: "rollback",
    summary: "move nodes back to the release before",
    examples: ["./greenleaf rollback prod", "./greenleaf rollback prod --in-place"],
    load: () => import("./rollback.ts"),
  },
  {
    name: "connect",
    summary: "open a shell on a node through Session Manager",
    examples: ["./greenleaf connect i-0123456789abcdef0"],
    load: () => import("./connect.ts"),
  },
];

function helpText(): string {
  const width = Math.max(...COMMANDS.map((command) => command.name.length));
  return [
    "greenleaf: from a bare machine to a running shop, without Kubernetes",
    "",
    "examples:",
    "  sudo ./greenleaf up      a shop on http://localhost:8080",
    "  sudo ./greenleaf test    everything CI runs",
    "",
    "commands:",
    ...COMMANDS.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    "",
    "./greenleaf COMMAND --help shows a command's options.",
  ].join("\n");
}

function commandHelp(command: OperatorCommand): string {
  return [
    `greenleaf ${command.name}: ${command.summary}`,
    "",
    "examples:",
    ...command.examples.map((e) => `  ${e}`),
  ].join("\n");
}

async function dispatch(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    process.stdout.write(`${helpText()}\n`);
    return EXIT.ready;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (!command) {
    throw new UsageError(`greenleaf has no command "${name}"`, {
      why: `it has ${COMMANDS.map((candidate) => candidate.name).join(", ")}`,
      fix: "see ./greenleaf --help",
    });
  }
  if (isHelp(rest)) {
    process.stdout.write(`${commandHelp(command)}\n`);
    return EXIT.ready;
  }
  return (await command.load()).main(rest);
}

// A reader such as `head` may leave before the end; what it did not want is nobody's failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

try {
  process.exitCode = await dispatch(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
