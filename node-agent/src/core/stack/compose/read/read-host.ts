import { isAddress } from "../addresses.ts";
import type { Cursor } from "./cursor.ts";
import { CAPABILITIES, isOwnSysctl } from "./known-words.ts";
import { readLimits } from "./read-limits.ts";
import { readLogging } from "./read-logging.ts";

const RESTARTS = /^(no|always|unless-stopped|on-failure(:\d+)?)$/;
const NAME_OF_HOST = /^[\w.-]+$/;

/** What a service asks of its container's surroundings, as fields of Docker's host config. */
export function readHost(service: Cursor): Record<string, unknown> {
  return {
    RestartPolicy: readRestart(service.at("restart")),
    ReadonlyRootfs: service.at("read_only").flag(),
    Init: service.at("init").flag(),
    CapAdd: readList(service.at("cap_add"), isCapability, "a capability such as NET_ADMIN"),
    CapDrop: readList(service.at("cap_drop"), isCapability, "a capability such as NET_ADMIN"),
    SecurityOpt: readSecurityOptions(service.at("security_opt")),
    GroupAdd: readList(service.at("group_add"), (text) => /^[\w.-]+$/.test(text), "a group"),
    Dns: readList(service.at("dns"), isAddress, "an IP address"),
    DnsSearch: readList(service.at("dns_search"), (text) => /^[\w.-]+$/.test(text), "a domain"),
    DnsOptions: readList(service.at("dns_opt"), (text) => /^[\w:.-]+$/.test(text), "an option of resolv.conf"),
    ExtraHosts: readExtraHosts(service.at("extra_hosts")),
    Sysctls: readSysctls(service.at("sysctls")),
    LogConfig: readLogging(service.at("logging")),
    ...readLimits(service),
  };
}

const isCapability = (text: string): boolean => CAPABILITIES.has(text.toUpperCase().replace(/^CAP_/, ""));

function readList(list: Cursor, isRight: (text: string) => boolean, what: string): string[] | undefined {
  if (!list.given) return undefined;
  return list.items().flatMap((item) => {
    const text = item.text() ?? "";
    return isRight(text) ? [text] : (item.refuseValue(`"${text}" is not ${what}`, text) ?? []);
  });
}

function readRestart(restart: Cursor): { Name: string; MaximumRetryCount: number } | undefined {
  const text = restart.text();
  if (text === undefined) return undefined;
  if (!RESTARTS.test(text)) return restart.refuse(`"${text}" is not no, always, unless-stopped or on-failure[:N]`);
  const [name = "", count = "0"] = text.split(":");
  return { Name: name, MaximumRetryCount: Number(count) };
}

const SECURITY = /^(no-new-privileges([:=](true|false))?|(label|apparmor)[:=].+)$/;

function readSecurityOptions(options: Cursor): string[] | undefined {
  if (!options.given) return undefined;
  return options.items().flatMap((item) => {
    const text = item.text() ?? "";
    const [, profile] = /^seccomp[:=](.*)$/.exec(text) ?? [];
    if (profile === "unconfined" || SECURITY.test(text)) return [text];
    const why = profile === undefined ? `"${text}" is not a security option` : "a seccomp profile cannot be a file";
    return item.refuseValue(why, text) ?? [];
  });
}

/** Compose writes `HOST=ADDRESS`. */
function readExtraHosts(hosts: Cursor): string[] | undefined {
  if (!hosts.given) return undefined;
  return hosts.items().flatMap((item) => {
    const text = item.text() ?? "";
    const [, host = "", written = ""] = /^([^=:]+)[=:](.+)$/.exec(text) ?? [];
    const address = written.replace(/^\[(.*)\]$/, "$1");
    if (!NAME_OF_HOST.test(host)) return item.refuseValue(`"${text}" must be HOST=ADDRESS`, host) ?? [];
    if (isAddress(address) || address === "host-gateway") return [`${host}:${address}`];
    return item.refuseValue(`"${address}" is not an IP address`, address) ?? [];
  });
}

function readSysctls(sysctls: Cursor): Record<string, string> | undefined {
  if (!sysctls.given) return undefined;
  for (const [name, value] of sysctls.entries()) {
    if (!isOwnSysctl(name)) value.refuse("is not a setting of a container of its own: the machine's would change");
  }
  return sysctls.record();
}
