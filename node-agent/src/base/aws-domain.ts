/** Partitions beside the commercial one, by what their regions begin with, and the domain of their services. */
const DOMAINS: ReadonlyArray<readonly [string, string]> = [
  ["cn-", "amazonaws.com.cn"],
  ["eusc-", "amazonaws.eu"],
  ["us-iso-", "c2s.ic.gov"],
  ["us-isob-", "sc2s.sgov.gov"],
  ["eu-isoe-", "cloud.adc-e.uk"],
  ["us-isof-", "csp.hci.ic.gov"],
];

/** The form of every region's name, in any partition: `eu-west-3`, `us-gov-east-1`, `eusc-de-east-1`. */
export const REGION = /^[a-z]{2,4}(-[a-z]+){1,3}-\d{1,2}$/;

/** The domain that the services of a region are names of, as in `ssm.eu-west-3.amazonaws.com`. */
export function awsDomain(region: string): string {
  return DOMAINS.find(([start]) => region.startsWith(start))?.[1] ?? "amazonaws.com";
}

/** Account and region of an image in Amazon's registry; undefined for any other registry. */
export function ecrOf(reference: string): { readonly account: string; readonly region: string } | undefined {
  const [, account = "", region = "", domain = ""] =
    /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.([a-z0-9.-]+)\//.exec(reference) ?? [];
  return account !== "" && domain === awsDomain(region) ? { account, region } : undefined;
}
