/** A question to AWS's own price list, for one price of the book. */
export interface PriceQuestion {
  readonly service: string;
  /** Attributes of the one product that is meant. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** How usage in Paris is named on a bill. */
const PARIS = "EUW3-";

const instance = (kind: string, type: string): PriceQuestion | undefined =>
  ({
    ec2: {
      service: "AmazonEC2",
      attributes: {
        instanceType: type,
        operatingSystem: "Linux",
        tenancy: "Shared",
        preInstalledSw: "NA",
        capacitystatus: "Used",
        marketoption: "OnDemand",
      },
    },
    rds: {
      service: "AmazonRDS",
      attributes: { instanceType: type, databaseEngine: "PostgreSQL", deploymentOption: "Single-AZ" },
    },
    elasticache: { service: "AmazonElastiCache", attributes: { instanceType: type, cacheEngine: "Valkey" } },
  })[kind];

const usage = (service: string, usagetype: string, more: Readonly<Record<string, string>> = {}): PriceQuestion => ({
  service,
  attributes: { usagetype: `${PARIS}${usagetype}`, ...more },
});

const APPLICATION = { operation: "LoadBalancing:Application" };

const SINGLE: Readonly<Record<string, PriceQuestion>> = {
  "ebs:gp3": { service: "AmazonEC2", attributes: { productFamily: "Storage", volumeApiName: "gp3" } },
  "rds:gp3": {
    service: "AmazonRDS",
    attributes: {
      productFamily: "Database Storage",
      volumeType: "General Purpose-GP3",
      databaseEngine: "PostgreSQL",
      deploymentOption: "Single-AZ",
    },
  },
  "elb:application-hour": usage("AWSELB", "LoadBalancerUsage", APPLICATION),
  "elb:lcu-hour": usage("AWSELB", "LCUUsage", APPLICATION),
  "vpc:public-ipv4": usage("AmazonVPC", "PublicIPv4:InUseAddress"),
  "secretsmanager:secret": usage("AWSSecretsManager", "AWSSecretsManager-Secrets"),
  "cloudwatch:alarm": usage("AmazonCloudWatch", "CW:AlarmMonitorUsage"),
  "logs:ingest": usage("AmazonCloudWatch", "DataProcessing-Bytes", { operation: "PutLogEvents" }),
};

/** How AWS is asked for a price of the book; undefined where it has no single product, or is not AWS's. */
export function priceQuestion(key: string): PriceQuestion | undefined {
  const [kind = "", type = ""] = key.split(":");
  if (SINGLE[key] !== undefined) return SINGLE[key];
  return type.includes(".") ? instance(kind, type) : undefined;
}

interface Product {
  readonly terms?: {
    readonly OnDemand?: Readonly<
      Record<
        string,
        { readonly priceDimensions?: Readonly<Record<string, { readonly pricePerUnit?: { readonly USD?: string } }>> }
      >
    >;
  };
}

/** The one on-demand price in an answer; undefined where there is none, or several that differ. */
export function listedPrice(products: readonly string[]): number | undefined {
  const found = new Set<number>();
  for (const product of products) {
    const { terms } = JSON.parse(product) as Product;
    for (const term of Object.values(terms?.OnDemand ?? {}))
      for (const { pricePerUnit } of Object.values(term.priceDimensions ?? {})) found.add(Number(pricePerUnit?.USD));
  }
  // Reserved capacity and the free tier are listed at nothing.
  const asked = [...found].filter((usd) => usd > 0);
  return asked.length === 1 ? asked[0] : undefined;
}
