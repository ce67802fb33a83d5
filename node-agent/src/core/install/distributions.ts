import { UnavailableError } from "../../base/errors.ts";

/** What /etc/os-release says of a machine, as far as installing goes. */
export interface Release {
  id: string;
  /** Empty for rolling releases. */
  version: string;
  codename: string;
  name: string;
}

/** `from` names another release whose signed package brings the plugin; undefined where nobody packages it. */
export interface PluginSource {
  package: string;
  from?: "trixie";
}

/** All that differs between distributions when a node is made ready. */
export interface Distribution {
  packager: "apt" | "dnf";
  engine: readonly string[];
  plugins: { readonly compose?: PluginSource; readonly buildx?: PluginSource };
  /** What a router runs: the agent calls these programs. */
  router: readonly string[];
  tools: readonly string[];
  /** systemd unit of the engine. */
  engineUnit: string;
  /** False where this is planned and checked against the documentation, but no test runs it. */
  runHere: boolean;
}

const TRIXIE = {
  compose: { package: "docker-compose", from: "trixie" },
  buildx: { package: "docker-buildx", from: "trixie" },
} as const;

const DEBIAN: Distribution = {
  packager: "apt",
  // Debian 13 split the client off; recommended packages are not installed, so it is named.
  engine: ["docker.io", "docker-cli", "iptables"],
  plugins: { compose: { package: "docker-compose" }, buildx: { package: "docker-buildx" } },
  router: ["iptables", "conntrack", "iproute2", "nftables"],
  tools: ["mmdebstrap"],
  engineUnit: "docker.service",
  runHere: true,
};

const UBUNTU: Distribution = {
  ...DEBIAN,
  engine: ["docker.io", "iptables"],
  plugins: { compose: { package: "docker-compose-v2" }, buildx: { package: "docker-buildx" } },
  tools: ["mmdebstrap", "debian-archive-keyring"],
  runHere: false,
};

const AMAZON: Distribution = {
  packager: "dnf",
  // Its docker package brings buildx; nobody packages compose (amazonlinux/amazon-linux-2023#186).
  engine: ["docker", "iptables-nft"],
  plugins: {},
  router: ["iptables-nft", "conntrack-tools", "iproute", "nftables"],
  tools: [],
  engineUnit: "docker.service",
  runHere: false,
};

const DISTRIBUTIONS: ReadonlyArray<{ id: string; from: number; data: Distribution }> = [
  { id: "debian", from: 13, data: DEBIAN },
  // Its docker-compose is version 1, and it has no buildx.
  { id: "debian", from: 12, data: { ...DEBIAN, engine: ["docker.io", "iptables"], plugins: TRIXIE } },
  { id: "ubuntu", from: 22.04, data: UBUNTU },
  { id: "amzn", from: 2023, data: AMAZON },
];

/** The data of a release, or the reason why nothing can be installed on it. */
export function distributionOf(release: Release): Distribution {
  const version = release.version === "" ? Number.POSITIVE_INFINITY : Number.parseFloat(release.version);
  const found = DISTRIBUTIONS.find(({ id, from }) => id === release.id && version >= from);
  if (found) return found.data;
  throw new UnavailableError(`install: ${release.name} is not supported`, {
    code: "install.distribution",
    why: "GreenLeaf knows Debian 12 and later, Ubuntu 22.04 and later and Amazon Linux 2023",
    fix: "install Docker Engine 20.10 or later yourself, start it, then run the same command again",
  });
}

/** Reads os-release(5). */
export function parseRelease(text: string | undefined): Release {
  const lines = (text ?? "").split("\n").map((line) => /^([A-Z_]+)=(?:"(.*)"|'(.*)'|(.*))$/.exec(line.trim()));
  const fields = new Map(lines.flatMap((found) => (found ? [[found[1], found[2] ?? found[3] ?? found[4] ?? ""]] : [])));
  const id = fields.get("ID") ?? "unknown";
  return {
    id,
    version: fields.get("VERSION_ID") ?? "",
    codename: fields.get("VERSION_CODENAME") ?? "",
    name: fields.get("PRETTY_NAME") ?? id,
  };
}
