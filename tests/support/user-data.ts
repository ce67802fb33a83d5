import { readFileSync } from "node:fs";
import { join } from "node:path";

const TEMPLATE = join(import.meta.dirname, "../../terraform/modules/compute/user_data.sh.tftpl");

export interface UserDataValues {
  /** The node document. */
  readonly node: { readonly role: "app" | "router"; readonly [member: string]: unknown };
  readonly agent: string;
  readonly public_key: string;
  readonly region: string;
  /** Address of the artifact bucket. */
  readonly artifacts: string;
  readonly imds: string;
}

/** What Terraform's templatefile makes of the template, for the few expressions it has; any other is an error. */
export function renderUserData({ node, ...values }: UserDataValues): string {
  const known: Record<string, string> = { ...values, "node.role": node.role, "jsonencode(node)": JSON.stringify(node) };
  return readFileSync(TEMPLATE, "utf8").replaceAll(/\$(\$\{)|\$\{([^}]*)\}/g, (_all, escaped, expression: string) => {
    const value = escaped ?? known[expression];
    if (value === undefined) throw new Error(`user_data.sh.tftpl: \${${expression}} is not known here`);
    return escaped === undefined ? value : "${";
  });
}
