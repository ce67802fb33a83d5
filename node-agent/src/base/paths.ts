/** Where the agent keeps its things on a node; a local node has them below its root. */

// /etc: what the node is told.

/** Written by user_data, or by `greenleaf up` on a local node. */
export const NODE_DOCUMENT_PATH = "/etc/greenleaf/node.json";
/** The key of a local world's AWS, which `greenleaf up` makes; readable by root only. */
export const STORED_CREDENTIALS_PATH = "/etc/greenleaf/aws-credentials.json";
/** CA certificates (PEM) for a database whose own are given nowhere else and that is not Amazon RDS. */
export const DATABASE_CA_PATH = "/etc/greenleaf/database-ca.pem";
/** The keys that releases and agents are signed with (PEM, SPKI), one after the other. */
export const RELEASE_KEY_PATH = "/etc/greenleaf/release.pub";
/** Fingerprints of keys that are trusted no more, one a line; wins over the file above. */
export const REVOKED_KEYS_PATH = "/etc/greenleaf/release.revoked";
/** The rules and settings of a router, for a reboot without the agent. */
export const NAT_FOLDER = "/etc/greenleaf/nat";

// /opt and /usr/local: the agent itself.

/** Each version of the agent in a directory of its own; the link `current` names the one that runs. */
export const AGENTS_FOLDER = "/opt/greenleaf";
export const AGENT_COMMAND = "/usr/local/bin/greenleaf-agent";

// /var/lib: what the node remembers.

/** Images, containers and volumes of the engine. */
export const ENGINE_FOLDER = "/var/lib/docker";

/** What `install` did for this root. */
export const INSTALLED_PATH = "/var/lib/greenleaf/installed.json";
/** Swap while packages are installed on a small machine. */
export const INSTALL_SWAP_PATH = "/var/lib/greenleaf/install.swap";
/** The verdict of the last boot. */
export const STATUS_PATH = "/var/lib/greenleaf/status.json";
/** What changed this node, a JSON object a line. */
export const HISTORY_PATH = "/var/lib/greenleaf/history.jsonl";
export const RELEASES_FOLDER = "/var/lib/greenleaf/releases";
/** The last document that was accepted, for when Parameter Store gives no answer. */
export const ACCEPTED_RELEASE_PATH = "/var/lib/greenleaf/release.json";
/** Ids of this release and the one before, a line each. */
export const PREVIOUS_RELEASES_PATH = "/var/lib/greenleaf/releases.txt";
/** The newest release that this node has accepted. */
export const RELEASE_MARK_PATH = "/var/lib/greenleaf/release-mark.json";
/** Images by release, so that a node knows which of the engine's are its own. */
export const IMAGES_PATH = "/var/lib/greenleaf/images.json";
/** What releases mount into containers, in directories named by what they hold. */
export const MOUNTS_FOLDER = "/var/lib/greenleaf/mounts";
/** Compose's answer for the release of this node. */
export const COMPOSE_MODEL_PATH = "/var/lib/greenleaf/compose-model.json";
/** What a router's kernel was like before its rules. */
export const PRIOR_STATE_PATH = "/var/lib/greenleaf/nat/before.json";
/** The same once more: without it nobody could give back what was there. */
export const PRIOR_STATE_COPY_PATH = `${NAT_FOLDER}/before.json`;

// /var: what may be thrown away.

/** Packages of another distribution, while Compose's plugin is taken out of them. */
export const FOREIGN_PACKAGES_FOLDER = "/var/cache/greenleaf/apt";
/** Of an engine that `install` started where no systemd does. */
export const ENGINE_LOG = "/var/log/greenleaf-dockerd.log";

// /run: gone after a reboot.

/** The .env files. */
export const ENVIRONMENT_FOLDER = "/run/greenleaf";
/** The .env files that the stack was last healthy with. */
export const GOOD_VALUES_PATH = "/run/greenleaf/good.json";
/** The same for a reboot that finds no AWS; of an instance only. */
export const GOOD_VALUES_ON_DISK_PATH = "/var/lib/greenleaf/good.json";
/** Values that the node went back from. */
export const REFUSED_VALUES_PATH = "/run/greenleaf/refused.json";
/** Versions of what was fetched last. */
export const WATCHED_VALUES_PATH = "/run/greenleaf/watched.json";
/** Which process boots, deploys or repairs; the kernel holds the lock. */
export const BOOT_LOCK = "/run/greenleaf/boot.lock";
/** Where the daemon answers programs of this machine; one per root, so that several nodes can share a machine. */
export const DAEMON_SOCKET = "/run/greenleaf/agent.sock";
/** Its directory is what Caddy mounts, so that a restarted agent's new socket is seen. */
export const HEALTH_SOCKET = "/run/greenleaf/agent/health.sock";
export const HEALTH_SOCKET_LINK = "/run/greenleaf/health.sock";
/** That this machine drains, and since when. */
export const DRAIN_MARK_PATH = "/run/greenleaf/draining.json";
/** While this file is there nothing is repaired; what it holds is the operator's reason. */
export const MAINTENANCE_PATH = "/run/greenleaf/maintenance";
/** Held by whoever changes a router's network. */
export const NAT_LOCK = "/run/greenleaf/nat.lock";
/** Which zones a router serves. */
export const ROUTER_STATE_PATH = "/run/greenleaf/router.json";
/** Written by the daemon of a router twice a second; read by `nat status`. */
export const ROUTER_STATUS_PATH = "/run/greenleaf/router-status.json";
/** The keys that sign heartbeats. */
export const HEARTBEAT_KEYS_PATH = "/run/greenleaf/heartbeat-keys";
/** Its presence asks the daemon to hand its zone over and not to take it back. */
export const ROUTER_DRAIN_PATH = "/run/greenleaf/router-drain";
/** Where versions up to 1 kept the copies of flows. */
export const FLOWS_FOLDER = "/run/greenleaf/flows";
