import type { Path, Problem } from "../problems.ts";
import { isMapping, type Plain } from "../read/plain.ts";
import { type Rule, SUBSET } from "./subset.ts";

/** Why a key of the Compose specification is left out, where there is more to say than that it is. */
const REASONS: Readonly<Record<string, string>> = {
  build: "a node runs finished images; build them with `greenleaf images`",
  container_name: "names are <project>-<service>-1, so that a service can be replaced without a gap",
  network_mode: "a service is on networks of the stack",
  links: "use networks: services reach each other by name",
  external_links: "use networks: services reach each other by name",
  volumes_from: "mount the same named volume in both services",
  extends: "use YAML anchors",
  include: "a stack is one file",
  privileged: "use cap_add with the capabilities it needs",
  secrets: "secrets reach a service through env_file",
  configs: "mount a file of the stack archive",
  scale: "a service is one container",
  replicas: "a service is one container",
};

/** Every key that is not in the subset; an unknown key never passes in silence. */
export function checkSubset(value: Plain): Problem[] {
  const problems: Problem[] = [];
  check(value, SUBSET, [], problems);
  return problems;
}

function check(value: Plain, rule: Rule, path: Path, problems: Problem[]): void {
  if (Array.isArray(value)) {
    value.forEach((item, index) => check(item, rule.items ?? { note: "" }, [...path, index], problems));
    return;
  }
  if (!isMapping(value)) return;
  if (rule.keys) checkKeys(value, rule.keys, path, problems);
  else for (const [name, item] of Object.entries(value)) checkValue(item, rule, [...path, name], problems);
}

function checkKeys(
  value: { [key: string]: Plain },
  keys: Readonly<Record<string, Rule>>,
  path: Path,
  problems: Problem[],
): void {
  for (const [name, item] of Object.entries(value)) {
    if (name.startsWith("x-")) continue;
    const rule = Object.hasOwn(keys, name) ? keys[name] : undefined;
    if (rule) check(item, rule, [...path, name], problems);
    else problems.push({ path: [...path, name], message: `is not supported${reason(name)}` });
  }
}

const reason = (name: string): string => (Object.hasOwn(REASONS, name) ? `: ${REASONS[name]}` : "");

function checkValue(item: Plain, rule: Rule, path: Path, problems: Problem[]): void {
  if (rule.values) check(item, rule.values, path, problems);
  else problems.push({ path, message: "is not supported: no mapping is expected here" });
}
