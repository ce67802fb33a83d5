import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { json } from "../fleet/aws.ts";
import { ensureParameter, parameter } from "./parameters.ts";
import { anyMade, type Bootstrap, type Outcome, type Step } from "./step.ts";

const ACM = { service: "acm", target: "CertificateManager" };
const run = promisify(execFile);

const nameOf = (environment: string): string => `/greenleaf-edge/${environment}/origin-certificate`;

/**
 * A certificate for each balancer to start with: AWS gives a listener none that is not proven yet, and the proof is
 * edge/'s. Customers never meet it; edge/ hangs the public one beside it.
 */
export const certificatesStep: Step = {
  title: "certificates the load balancers start with",
  run: async (bootstrap) => {
    const outcomes: Outcome[] = [];
    for (const environment of bootstrap.environments) {
      if ((await parameter(bootstrap, nameOf(environment))) !== undefined) outcomes.push("there");
      else outcomes.push(await make(bootstrap, environment));
    }
    return anyMade(outcomes);
  },
};

async function make(bootstrap: Bootstrap, environment: string): Promise<Outcome> {
  // Both to stdout: the key is on no disk.
  const argv = [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    "-",
    "-days",
    "3650",
    "-subj",
    `/CN=origin.${environment}.greenleaf.internal`,
  ];
  const { stdout } = await run("openssl", argv);
  const part = (kind: string) =>
    stdout.match(new RegExp(`-----BEGIN ${kind}-----[\\s\\S]*?-----END ${kind}-----\n?`))?.[0] ?? "";
  const { CertificateArn } = await json(bootstrap.account, ACM, "ImportCertificate", {
    Certificate: Buffer.from(part("CERTIFICATE")).toString("base64"),
    PrivateKey: Buffer.from(part("PRIVATE KEY")).toString("base64"),
    Tags: [
      { Key: "Project", Value: "greenleaf" },
      { Key: "Environment", Value: environment },
    ],
  });
  return ensureParameter(bootstrap, nameOf(environment), () => String(CertificateArn), false);
}

export async function certificateArns(bootstrap: Bootstrap): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const environment of bootstrap.environments)
    found[environment] = (await parameter(bootstrap, nameOf(environment))) ?? "";
  return found;
}
