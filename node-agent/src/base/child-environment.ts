/** The engine of this machine: the one that agent and scripts speak to, whatever a shell says of others. */
export const ENGINE_SOCKET = "/var/run/docker.sock";

/**
 * Variables by which a shell changes what the programs we start do, or to which machine or folder they do it. What
 * says how to reach the outside (proxies, CA certificates, registries, credentials) is not among them.
 */
const CHANGES: readonly RegExp[] = [
  // docker, docker compose, buildx, BuildKit and what they are written in
  /^(DOCKER|COMPOSE|BUILDX|BUILDKIT|BAKE)_/,
  /^GO(DEBUG|GC|MAXPROCS|MEMLIMIT|TRACEBACK)$/,
  // apt, dpkg, debconf; Perl and Python, in which their helpers and mmdebstrap are written
  /^(APT|DEBIAN|DEBCONF|DPKG|NEEDRESTART|UCF)_/,
  /^(PERL5\w+|PERLLIB|PYTHON\w+)$/,
  // tar and what it packs with; GNU's programs
  /^(TAR_OPTIONS|TAPE|GZIP|BZIP2?|XZ_OPT|XZ_DEFAULTS|ZSTD_\w+|GREP_OPTIONS|POSIXLY_CORRECT)$/,
  /^((DF|DU|LS)_)?BLOCK_?SIZE$/,
  /^GIT_(?!SSL_)/,
  /^OPENSSL_/,
  /^CURL_(?!CA_BUNDLE$)/,
  /^NODE_(?!EXTRA_CA_CERTS$|USE_ENV_PROXY$|USE_SYSTEM_CA$)/,
  /^npm_config_(?!registry$|.*(proxy|auth|token)|ca(file|che)?$|strict_ssl$|userconfig$|globalconfig$|fetch_|maxsockets$)/i,
  /^TF_(?!CLI_CONFIG_FILE$|PLUGIN_|TOKEN_|HTTP_|REGISTRY_)/,
  /^PKR_/,
  /^PACKER_(?!PLUGIN_PATH$|CONFIG_DIR$|GITHUB_API_TOKEN$)/,
  // shells and zx
  /^(BASH_ENV|BASHOPTS|BASH_FUNC_.*|CDPATH|ENV|GLOBIGNORE|IFS|PS4|SHELLOPTS)$/,
  /^ZX_/,
  /^(DBUS|IPTABLES|SYSTEMD|XTABLES)_/,
];

const FIXED = {
  // Stands above DOCKER_CONTEXT and above the context in a config.json.
  DOCKER_HOST: `unix://${ENGINE_SOCKET}`,
  DEBIAN_FRONTEND: "noninteractive",
};

/** What a program we start gets of a shell's environment. */
export function childEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const kept = Object.entries(environment).filter(([name]) => !CHANGES.some((pattern) => pattern.test(name)));
  return { ...Object.fromEntries(kept), ...FIXED };
}
