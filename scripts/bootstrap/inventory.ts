import type { Resource, Values } from "../fleet/resource.ts";

/** Secrets an environment has; bootstrap makes their values, nodes read them (compose/env/*.hbs). */
export const SECRETS = ["db", "redis", "backend", "media", "admin"] as const;
export const REPOSITORIES = ["backend", "storefront", "caddy"] as const;

/**
 * What bootstrap makes once per account, in the shape of planned resources: the bill prices it like the rest. The steps
 * in steps.ts make exactly this (bootstrap.test.ts compares).
 */
export function inventory(environments: readonly string[]): readonly Resource[] {
  return [
    resource("aws_kms_key", "greenleaf", {}),
    ...["state", "artifacts"].map((name) => resource("aws_s3_bucket", name, {})),
    ...REPOSITORIES.map((name) => resource("aws_ecr_repository", name, { name: `greenleaf/${name}` })),
    ...environments.flatMap((environment) =>
      SECRETS.map((name) =>
        resource("aws_secretsmanager_secret", `${environment}/${name}`, { name: `greenleaf/${environment}/${name}` }),
      ),
    ),
  ];
}

function resource(type: string, index: string, values: Values): Resource {
  return { address: `bootstrap.${type}["${index}"]`, type, name: index, index, values };
}
