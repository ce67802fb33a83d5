import { awsDomain } from "../../../node-agent/src/base/aws-domain.ts";
import { json } from "../../fleet/aws.ts";
import type { Publisher } from "./publisher.ts";
import type { RegistryPlace } from "./registry.ts";

const ECR = { service: "ecr", target: "AmazonEC2ContainerRegistry_V20150921" };

/** Amazon's registry of this account, with a token that ends by itself. */
export async function ecrPlace({ account, accountId }: Publisher): Promise<RegistryPlace> {
  const { authorizationData } = await json(account, ECR, "GetAuthorizationToken", { registryIds: [accountId] });
  const [data] = authorizationData as ReadonlyArray<{ authorizationToken: string; proxyEndpoint?: string }>;
  const [username = "", password = ""] = Buffer.from(data?.authorizationToken ?? "", "base64")
    .toString()
    .split(":", 2);
  const host = `${accountId}.dkr.ecr.${account.region}.${awsDomain(account.region)}`;
  return { url: data?.proxyEndpoint ?? `https://${host}`, host, username, password };
}
