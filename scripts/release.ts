import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { EXIT, UsageError } from "../node-agent/src/base/errors.ts";
import { textOf } from "./cli/command.ts";
import { accountFromEnvironment } from "./fleet/aws.ts";
import { ENVIRONMENTS } from "./fleet/plans.ts";
import { publishCheckout } from "./release/publish-checkout.ts";
import { openPublisher } from "./release/registry/publisher.ts";
import type { RegistryPlace } from "./release/registry/registry.ts";

/** `./greenleaf release [--env ENV] [--registry URL]`: publishes this checkout; the same commit again changes nothing. */
export async function release(line: ParsedCommandLine): Promise<number> {
  const { env, registry } = choicesOf(line);
  const publisher = await openPublisher(await accountFromEnvironment());
  const place = registry === undefined ? undefined : otherPlace(registry);
  const storefront = textOf(line, "storefront");
  const { id, news } = await publishCheckout(publisher, { env, place, storefront });
  process.stdout.write(`${id}\n`);
  process.stderr.write(news ? next(id, env) : "nothing changed: this release is published already\n");
  return EXIT.ready;
}

function otherPlace(url: string): RegistryPlace {
  const { REGISTRY_USERNAME: username, REGISTRY_PASSWORD: password } = process.env;
  return { url, ...(username && password ? { username, password } : {}) };
}

function choicesOf(line: ParsedCommandLine): { env: string | undefined; registry: string | undefined } {
  const [env, registry] = [textOf(line, "env"), textOf(line, "registry")];
  const problems = [
    ...(env === undefined || ENVIRONMENTS.some((one) => one === env) ? [] : [`there is no environment ${env}`]),
    ...(registry === undefined || /^https?:\/\/[^/]+\/?$/.test(registry) ? [] : [`${registry} is not https://HOST`]),
  ];
  if (problems.length === 0) return { env, registry };
  throw new UsageError("release: the command line is wrong", {
    code: "usage.release",
    why: problems.join("; "),
    fix: `./greenleaf release [--env ${ENVIRONMENTS.join("|")}] [--registry https://HOST]`,
  });
}

const next = (id: string, env: string | undefined): string =>
  env === undefined
    ? `next: ./greenleaf deploy ENV ${id}\n`
    : `next: ./greenleaf deploy ${env}   (new nodes of ${env} already run ${id})\n`;
