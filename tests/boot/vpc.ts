import { spawn } from "node:child_process";
import { createConnection, createServer, type Server } from "node:net";
import { join } from "node:path";
import { type Cloud, controlPlane } from "../../scripts/lab/control-plane.ts";
import { removeDeadLabs } from "../../scripts/lab/dead-labs.ts";
import { applyState, type CloudState, createFabric, initialState, removeFabric } from "../../scripts/lab/fabric.ts";
import { inside, ipBatch, run } from "../../scripts/lab/namespaces.ts";
import { LAB_PREFIX, type Topology, topology } from "../../scripts/lab/topology.ts";
import { type Program, programOf } from "../nat/lab.ts";
import { hostArguments } from "./instance.ts";
import { docker, registryImage } from "./machine-images.ts";
import type { NodeSeat } from "./node.ts";
import { ECR, ENVIRONMENT, hostOf, type World } from "./world.ts";

/** What stands in the internet: the lab's first four servers answer probes, these are the ones a shop needs. */
const AWS = "198.51.100.10";
export const REGISTRY = "198.51.100.11";
export const PAYMENTS = "198.51.100.12";
/** What stands in the VPC's data and public subnets. */
const GATEWAY = "10.0.20.1";
const SERVICES = "10.0.20.2";
const DATA = { postgres: "10.0.20.10", valkey: "10.0.20.11" } as const;
const AWS_PORT = 4566;
export const AWS_URL = `http://${AWS}:${AWS_PORT}`;
/** Debian's own, which needs no name. */
const REGISTRY_PORT = 8443;
const CALLS =
  /^(DescribeRouteTables|ReplaceRoute|A\w+Address(es)?|AttachNetworkInterface|ModifyNetworkInterfaceAttribute)$/;

type Part = "c1" | "c2" | "r1" | "r2";
const PARTS: readonly Part[] = ["c1", "c2", "r1", "r2"];

/** A VPC whose private subnets reach AWS, the registry and everybody else only through its routers. */
export interface Vpc {
  readonly lab: Topology;
  /** The world as machines of this VPC see it. */
  readonly world: World;
  /** What the control plane says at the moment, and was asked. */
  readonly cloud: { state: CloudState } & Cloud;
  readonly seat: (part: Part) => NodeSeat;
  readonly namespace: (part: string) => string;
  /** Customers come in at this socket file. */
  readonly customers: string;
  readonly balancer: Program;
  /** Public addresses by which AWS and the registry were asked so far. */
  callers(): Promise<readonly string[]>;
  /** Whether anybody answers at a URL who is asked from a machine's place. */
  tries(part: Part, url: string): Promise<boolean>;
  /** A machine's interfaces go down, as with its power. */
  unplug(part: Part): Promise<void>;
  close(): Promise<void>;
}

export async function openVpc(world: World): Promise<Vpc> {
  await removeDeadLabs();
  const lab = topology(`boot-${process.pid}`);
  const namespace = (part: string) => `${LAB_PREFIX}${lab.name}-${part}`;
  const hosts = { [ECR]: REGISTRY, [hostOf("postgres")]: DATA.postgres, [hostOf("valkey")]: DATA.valkey };
  const seats = new Map(PARTS.map((part) => [namespace(part), startSeat(world, part, hosts)]));
  await createFabric(lab, seats);
  await plugData(world, namespace);
  const programs = new Programs(world.folder, namespace);
  const cloud = { state: initialState(lab), faults: [], calls: [], leases: new Map() };
  const control = await startControl(world, lab, cloud);
  await openInternet(namespace("inet"));
  const aws = await programs.forward("inet", `${AWS}:${AWS_PORT}`, new URL(world.standIn.url).host);
  const registry = await programs.forward("inet", `${REGISTRY}:${REGISTRY_PORT}`, `${world.gateway}:443`);
  await programs.start("inet", "payments.ts", PAYMENTS, "80");
  await programs.start("inet", "../../nat/programs/servers.ts");
  await programs.start("svc", "resolver.ts", SERVICES, JSON.stringify(hosts));
  const customers = join(world.folder, "customers.sock");
  const nodes = lab.zones.map(({ client }) => client.address);
  const balancer = await programs.start("svc", "balancer.ts", customers, "8080", ...nodes);
  return {
    lab,
    cloud,
    namespace,
    customers,
    balancer,
    world: { ...world, aws: AWS_URL, resolver: SERVICES, hosts },
    seat: (part) => ({
      container: seatName(world, part),
      address: lab.zones[part.endsWith("1") ? 0 : 1].client.address,
      takeMetadata: async (imds) => {
        await ipBatch(namespace(part), ["address replace 169.254.169.254/32 dev lo"]);
        await programs.forward(part, "169.254.169.254:80", new URL(imds.url).host);
        return "169.254.169.254:80";
      },
    }),
    callers: async () =>
      (await Promise.all([aws, registry].map((each) => each.ask("who")))).flatMap(
        (line) => JSON.parse(line) as string[],
      ),
    tries: async (part, url) => {
      const { code } = await run([
        "ip",
        "netns",
        "exec",
        namespace(part),
        "curl",
        "-ksS",
        "-m",
        "3",
        "-o",
        "/dev/null",
        url,
      ]);
      return code === 0;
    },
    unplug: async (part) => {
      const devices = part.startsWith("r") ? ["ens5", "ens6"] : ["eth0"];
      await ipBatch(
        namespace(part),
        devices.map((device) => `link set ${device} down`),
      );
    },
    close: async () => {
      await programs.close();
      control.close();
      for (const part of PARTS) docker("rm", "--force", "--volumes", seatName(world, part));
      await removeFabric(lab.name);
    },
  };
}

const seatName = (world: World, part: Part): string => `${world.name}-seat-${part}`;

/** A machine's network without the machine. Gives a process that is in it. */
function startSeat(world: World, part: Part, hosts: World["hosts"]): number {
  const name = seatName(world, part);
  docker(
    ["run", "--detach", "--name", name, "--hostname", part, "--network", "none", "--dns", SERVICES],
    [...hostArguments(hosts), registryImage(), "sleep", "infinity"],
  );
  return Number(docker("inspect", "--format", "{{.State.Pid}}", name));
}

interface Machine {
  readonly namespace: string;
  readonly device: string;
  readonly cable: string;
  readonly address: string;
}

/** Puts one more machine into the VPC, by a cable of its own. */
async function plug(vpc: string, { namespace, device, cable, address }: Machine): Promise<void> {
  await ipBatch(vpc, [
    `link add ${cable} type veth peer name ${device} netns ${namespace}`,
    `address add ${GATEWAY}/32 dev ${cable}`,
    `link set ${cable} up`,
    `route add ${address}/32 dev ${cable}`,
  ]);
  await ipBatch(namespace, [
    `address add ${address}/32 dev ${device}`,
    `link set ${device} up`,
    `route add ${GATEWAY}/32 dev ${device}`,
    `route add 10.0.0.0/16 via ${GATEWAY} dev ${device}`,
  ]);
}

/** The databases get an interface in the VPC's data subnet; balancer and resolver a machine of their own. */
async function plugData(world: World, namespace: (part: string) => string): Promise<void> {
  await ipBatch(undefined, [`netns add ${namespace("svc")}`]);
  await ipBatch(namespace("svc"), ["link set lo up"]);
  await plug(namespace("vpc"), { namespace: namespace("svc"), device: "eth0", cable: "e-svc", address: SERVICES });
  for (const [kind, address] of Object.entries(DATA)) {
    const pid = docker("inspect", "--format", "{{.State.Pid}}", `${world.name}-${kind}`);
    await ipBatch(undefined, [`netns attach ${namespace(kind)} ${pid}`]);
    await plug(namespace("vpc"), { namespace: namespace(kind), device: "eth1", cable: `e-${kind}`, address });
  }
  await world.setParameter(`/greenleaf/${ENVIRONMENT}/media/endpoint`, AWS_URL);
}

async function openInternet(internet: string): Promise<void> {
  await ipBatch(
    internet,
    [AWS, REGISTRY, PAYMENTS].map((address) => `address add ${address}/24 dev eth0`),
  );
  // The probes' targets take port 443 at every address.
  const to = ["-d", REGISTRY, "-p", "tcp", "--dport", "443", "-j", "REDIRECT", "--to-ports", String(REGISTRY_PORT)];
  await inside(internet, ["iptables", "-t", "nat", "-A", "PREROUTING", ...to]);
}

/** EC2 and the lease table of the lab take the calls of routers, which move packets. */
async function startControl(world: World, lab: Topology, cloud: { state: CloudState } & Cloud): Promise<Server> {
  const control = controlPlane(lab, cloud, (state) => applyState(lab, state));
  await new Promise<void>((resolve) => control.listen(0, "127.0.0.1", resolve));
  const address = control.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  world.standIn.elsewhere = ({ service, action }) =>
    service === "dynamodb" || (service === "ec2" && CALLS.test(action)) ? url : undefined;
  return control;
}

/** Programs inside namespaces, and the socket files by which they reach this process. */
class Programs {
  readonly #folder: string;
  readonly #namespace: (part: string) => string;
  readonly #programs: Program[] = [];
  readonly #servers: Server[] = [];

  constructor(folder: string, namespace: (part: string) => string) {
    this.#folder = folder;
    this.#namespace = namespace;
  }

  async start(part: string, script: string, ...args: readonly string[]): Promise<Program> {
    const path = join(import.meta.dirname, "programs", script);
    const argv = ["netns", "exec", this.#namespace(part), process.execPath, path, ...args];
    const program = programOf(spawn("ip", argv, { stdio: ["pipe", "pipe", "pipe"] }));
    this.#programs.push(program);
    for (let tries = 0; tries < 400 && !program.output().includes("ready\n"); tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 25));
    if (!program.output().includes("ready\n")) throw new Error(`${script} did not start: ${program.output()}`);
    return program;
  }

  /** Whoever connects to `from` (host:port) in a namespace is connected to `to` (host:port) here. */
  async forward(part: string, from: string, to: string): Promise<Program> {
    const path = join(this.#folder, `${part}-${from.replaceAll(/\W/g, "-")}.sock`);
    const [host, port] = to.split(":");
    const server = createServer((socket) => {
      const onward = createConnection(Number(port), host);
      socket.on("error", () => onward.destroy()).pipe(onward);
      onward.on("error", () => socket.destroy()).pipe(socket);
      socket.on("close", () => onward.destroy());
      onward.on("close", () => socket.destroy());
    });
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => void server.on("error", reject).listen(path, resolve));
    const [address = "", at = ""] = from.split(":");
    return this.start(part, "forward.ts", address, at, path);
  }

  async close(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.stop()));
    for (const server of this.#servers) server.close();
  }
}
