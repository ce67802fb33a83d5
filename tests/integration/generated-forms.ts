import { type Random, randomFrom } from "./generated-stack.ts";

/** Every key of a service in the forms that people write it in; Compose and the agent must make the same of each. */
const FORMS: Readonly<Record<string, readonly unknown[]>> = {
  command: ["echo hi  there", `sh -c 'a "b" $$X' ""`, ["a", "b c", "$$"], [], "a\\ b", "echo `a b` c"],
  entrypoint: [["sh", "-c"], "sh -c", [], "tini -- sh"],
  environment: [
    { A: 1, B: true, C: "x y", D: "$$A", E: null, F: 1.5, G: "" },
    ["A=1", "B", "C=a=b", "D=", "E=$$x", "F=${SET}"],
    { MULTI: "a\nb\n", QUOTED: `"q" 'r'`, NUMBER: "007" },
  ],
  env_file: ["a.env", ["a.env", "b.env"], [{ path: "missing.env", required: false }, "b.env"]],
  labels: [{ a: 1, b: true, c: "x" }, ["a=1", "b", "c=x=y"], { "com.example.v": "$$1" }],
  expose: [[80], ["80-82"], ["53/udp", "53"]],
  healthcheck: [
    { test: "true" },
    { test: ["CMD", "true"], interval: "90s", timeout: "1.5m", retries: 3 },
    { test: ["CMD-SHELL", "exit $$CODE"], start_period: "1h", interval: "250ms" },
    { disable: true },
    { test: ["NONE"] },
    { retries: "5" },
  ],
  restart: ["no", "always", "unless-stopped", "on-failure", "on-failure:3"],
  tmpfs: ["/t1", ["/t1:size=1m,mode=1777", "/t2/"], "/t1:noexec"],
  logging: [
    { driver: "none" },
    { driver: "json-file", options: { "max-size": "1m", "max-file": 3 } },
    { driver: "local" },
  ],
  init: [true, false, "true"],
  user: ["1000", "1000:1000", "nobody", "nobody:nogroup"],
  group_add: [["1000", "audio"], [1001]],
  working_dir: ["/srv", "/"],
  hostname: ["web", "web.example"],
  domainname: ["example"],
  read_only: [true, "false"],
  cap_add: [["NET_ADMIN"], ["cap_net_raw", "SYS_TIME"], ["ALL"]],
  cap_drop: [["ALL"], ["MKNOD", "CHOWN"]],
  security_opt: [["no-new-privileges:true"], ["no-new-privileges=true", "label=disable"], ["seccomp:unconfined"]],
  ulimits: [{ nofile: { soft: 1024, hard: 2048 } }, { core: 0, nproc: 512 }, { nofile: "4096" }],
  shm_size: ["64m", 67_108_864, "0.5g"],
  sysctls: [{ "net.core.somaxconn": 1024 }, ["net.ipv4.tcp_syncookies=0", "kernel.msgmax=65536"]],
  pids_limit: [100, "50", -1],
  mem_limit: ["64m", 67_108_864, "0.1g", "65536kb"],
  cpus: [0.5, "0.25", 1],
  cpu_shares: [512, "73"],
  cpuset: ["0", "0-1"],
  oom_score_adj: [500, -500, "10"],
  stop_signal: ["SIGQUIT", "USR1", "9", "RTMIN+1"],
  stop_grace_period: ["1m30s", "500ms", "0s"],
  extra_hosts: [["a=10.0.0.1", "b:10.0.0.2"], { a: "10.0.0.1", b: "::1" }, ["h:host-gateway"]],
  dns: ["10.0.0.53", ["10.0.0.53", "fd00::53"]],
  dns_search: ["example", ["a.example", "."]],
  dns_opt: [["ndots:2", "use-vc"]],
  tty: [true],
  stdin_open: [true],
  networks: [["front"], { front: { aliases: ["w"] }, back: { priority: 10 } }, { back: null }, ["default", "front"]],
  volumes: [
    ["/anon/"],
    ["data:/data:ro", "./files:/files"],
    [{ type: "volume", source: "data", target: "/d/", volume: { nocopy: true } }],
    [{ type: "bind", source: "./files", target: "/f", read_only: true, bind: { propagation: "rslave" } }],
    [{ type: "tmpfs", target: "/t9", tmpfs: { size: "1m", mode: 0o1777 } }],
    ["data:/d1:nocopy", "/tmp:/d2:ro,z", { type: "volume", target: "/d3" }],
    ["data:/one", "/tmp:/other/"],
  ],
};

const PORTS = (port: number): unknown[] => [
  [`${port}:80`],
  [`127.0.0.1:${port}:80/udp`],
  [`${port}-${port + 2}:80-82`],
  [`[::1]:${port}:80`, "81"],
  [{ target: 80, published: port, protocol: "tcp", mode: "host" }],
  [{ target: 80, published: String(port), host_ip: "127.0.0.1", name: "web", app_protocol: "http" }, 82],
];

const pick = <T>(random: Random, list: readonly T[]): T | undefined => list[random.below(list.length)];

/** A Compose file of services whose keys are drawn from all forms. */
export function generatedForms(seed: number, services: number, image: string): object {
  const random = randomFrom(seed);
  const drawn = Array.from({ length: services }, (_, index) => {
    const chosen = Object.entries(FORMS).filter(() => random.chance(0.4));
    const keys = chosen.map(([key, forms]) => [key, pick(random, forms)] as const);
    const ports = random.chance(0.4) ? { ports: pick(random, PORTS(30_000 + seed * 100 + index * 5)) } : {};
    const before = index > 0 && random.chance(0.3) ? { depends_on: dependency(random, `s${index - 1}`) } : {};
    return [`s${index}`, { image, ...Object.fromEntries(keys), ...ports, ...before }] as const;
  });
  const networks = { front: null, back: { internal: true } };
  return { services: Object.fromEntries(drawn), networks, volumes: { data: null } };
}

const dependency = (random: Random, name: string): unknown =>
  pick<unknown>(random, [[name], { [name]: { condition: "service_started", restart: true } }]);
