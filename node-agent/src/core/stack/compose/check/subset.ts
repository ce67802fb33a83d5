/** What may stand at one place of a Compose file. A place without `keys`, `values` or `items` takes plain values. */
export interface Rule {
  /** For people, in docs/compose-subset.md. */
  readonly note: string;
  /** The fields of a mapping. */
  readonly keys?: Readonly<Record<string, Rule>>;
  /** Every value of a mapping whose keys are free names. */
  readonly values?: Rule;
  /** Every item of a list. */
  readonly items?: Rule;
}

const says = (note: string): Rule => ({ note });
const size = says("such as `512m`");
const duration = says("such as `1m30s`");
const pairs: Rule = { note: "mapping, or list of `KEY=value`", values: says("text") };

const DEPENDS_ON: Rule = {
  note: "list of services, or a mapping of them",
  values: {
    note: "one dependency",
    keys: {
      condition: says("`service_started`, `service_healthy` or `service_completed_successfully`"),
      required: says("`false`: a missing service is ignored"),
      restart: says("`true`: restart this service when the other one was replaced"),
    },
  },
};

const ENV_FILE: Rule = {
  note: "one path or a list; later files win",
  items: {
    note: "a path, or a mapping",
    keys: {
      path: says("from the folder of the file"),
      required: says("`false`: a missing file is ignored"),
      format: says("`raw`: values are taken as they stand"),
    },
  },
};

const HEALTHCHECK: Rule = {
  note: "overrides the image's own, field by field",
  keys: {
    test: says("text for a shell, or a list beginning with `CMD`, `CMD-SHELL` or `NONE`"),
    interval: duration,
    timeout: duration,
    retries: says("whole number"),
    start_period: duration,
    start_interval: says("needs Docker Engine 25, where a `start_period` without it means half a second"),
    disable: says("`true`: no health check at all"),
  },
};

const SERVICE_NETWORKS: Rule = {
  note: "list of networks, or a mapping of them; `default` when left out",
  values: {
    note: "one connection",
    keys: {
      aliases: { note: "list of further names", items: says("text") },
      ipv4_address: says("fixed address"),
      ipv6_address: says("fixed address"),
      priority: says("whole number; the highest is connected first"),
    },
  },
};

const PORTS: Rule = {
  note: "list",
  items: {
    note: "`[IP:][PUBLISHED:]TARGET[/PROTOCOL]`, also ranges; or a mapping",
    keys: {
      target: says("port in the container"),
      published: says("port or range on the machine"),
      host_ip: says("address on the machine"),
      protocol: says("`tcp`, `udp` or `sctp`"),
      mode: says("no effect outside a swarm"),
      name: says("for people"),
      app_protocol: says("for people"),
    },
  },
};

const SERVICE_VOLUMES: Rule = {
  note: "list",
  items: {
    note: "`[SOURCE:]TARGET[:ro|rw|z|Z|nocopy]`, or a mapping",
    keys: {
      type: says("`bind`, `volume` or `tmpfs`"),
      source: says("path, or key of a named volume"),
      target: says("path in the container"),
      read_only: says("boolean"),
      bind: {
        note: "of a bind",
        keys: { create_host_path: says("boolean"), propagation: says("text"), selinux: says("`z` or `Z`") },
      },
      volume: { note: "of a volume", keys: { nocopy: says("boolean") } },
      tmpfs: { note: "of a tmpfs", keys: { size, mode: says("whole number, octal as `01777`") } },
    },
  },
};

const DEPLOY: Rule = {
  note: "limits, and how the service is replaced",
  keys: {
    update_config: {
      note: "how a changed service is replaced",
      keys: {
        order: says(
          "`stop-first`, or `start-first`: the new container beside the old one, which goes when the new one serves; with `ports` (TCP, by number) a stand-in has them meanwhile",
        ),
        monitor: says("how long the new container is watched before the old one goes, such as `5s`"),
      },
    },
    resources: {
      note: "limits only",
      keys: {
        limits: { note: "upper bounds", keys: { cpus: says("number"), memory: size, pids: says("whole number") } },
        reservations: { note: "lower bounds", keys: { memory: size } },
      },
    },
  },
};

const ULIMITS: Rule = {
  note: "mapping",
  values: { note: "one number, or a mapping", keys: { soft: says("whole number"), hard: says("whole number") } },
};

/** The keys of a service, in the order of docs/compose-subset.md. */
export const SERVICE: Rule = {
  note: "one service: one container",
  keys: {
    image: says("required; a node's release names it by digest or image id"),
    platform: says("such as `linux/arm64`"),
    pull_policy: says("`missing` (also `if_not_present`), `always` or `never`"),
    command: says("list, or text split into words as a shell does"),
    entrypoint: says("list, or text split into words as a shell does"),
    environment: pairs,
    env_file: ENV_FILE,
    depends_on: DEPENDS_ON,
    healthcheck: HEALTHCHECK,
    restart: says("`no`, `always`, `unless-stopped`, `on-failure[:N]`"),
    networks: SERVICE_NETWORKS,
    ports: PORTS,
    expose: { note: "list", items: says("`PORT[-PORT][/PROTOCOL]`") },
    volumes: SERVICE_VOLUMES,
    tmpfs: { note: "one `PATH[:OPTIONS]` or a list", items: says("text") },
    labels: pairs,
    logging: { note: "mapping", keys: { driver: says("text"), options: { note: "mapping", values: says("text") } } },
    init: says("boolean"),
    user: says("`UID[:GID]` or names"),
    group_add: { note: "list", items: says("group name or number") },
    working_dir: says("path"),
    hostname: says("text"),
    domainname: says("text"),
    read_only: says("boolean"),
    cap_add: { note: "list", items: says("text") },
    cap_drop: { note: "list", items: says("text") },
    security_opt: { note: "list; a seccomp profile cannot be a file", items: says("text") },
    ulimits: ULIMITS,
    shm_size: size,
    sysctls: pairs,
    pids_limit: says("whole number"),
    mem_limit: size,
    mem_reservation: size,
    memswap_limit: size,
    cpus: says("number"),
    cpu_shares: says("number"),
    cpuset: says("such as `0-1`"),
    oom_score_adj: says("whole number"),
    deploy: DEPLOY,
    stop_signal: says("such as `SIGQUIT`"),
    stop_grace_period: says("such as `1m30s`; 4 minutes at most"),
    extra_hosts: { note: "list of `HOST=IP`, or a mapping", values: says("address or list"), items: says("text") },
    dns: { note: "one address or a list", items: says("text") },
    dns_search: { note: "one domain or a list", items: says("text") },
    dns_opt: { note: "list", items: says("text") },
    profiles: { note: "active only when COMPOSE_PROFILES names one of them", items: says("text") },
    tty: says("boolean"),
    stdin_open: says("boolean"),
  },
};

const NETWORK: Rule = {
  note: "one network",
  keys: {
    name: says("text; `<project>_<key>` when left out"),
    external: says("boolean: must exist already"),
    driver: says("`bridge`"),
    driver_opts: { note: "mapping", values: says("text") },
    internal: says("boolean"),
    attachable: says("boolean"),
    enable_ipv6: says("boolean"),
    labels: pairs,
    ipam: {
      note: "mapping",
      keys: {
        driver: says("`default`"),
        config: {
          note: "list",
          items: { note: "one pool", keys: { subnet: says("CIDR"), ip_range: says("CIDR"), gateway: says("address") } },
        },
      },
    },
  },
};

const VOLUME: Rule = {
  note: "one volume",
  keys: {
    name: says("text; `<project>_<key>` when left out"),
    external: says("boolean: must exist already"),
    driver: says("`local`"),
    driver_opts: { note: "mapping", values: says("text") },
    labels: pairs,
  },
};

/** The whole subset. Keys that begin with `x-` may stand wherever keys are listed. */
export const SUBSET: Rule = {
  note: "a Compose file",
  keys: {
    name: says("project name"),
    version: says("ignored"),
    services: { note: "mapping", values: SERVICE },
    networks: { note: "mapping", values: NETWORK },
    volumes: { note: "mapping", values: VOLUME },
  },
};
