import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmod, chown, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../node-agent/src/base/durable.ts";
import { exec } from "../../node-agent/src/base/exec.ts";

const DAYS = "3650";
/** What is left of a certificate's life when a new one is made. */
const RENEW_BEFORE_MS = 30 * 86_400_000;
/** The user of every GreenLeaf image; a key it may read belongs to it. */
export const IMAGE_UID = 10_001;

/**
 * A private authority of the local world and a server certificate for each name. What is there and whole is kept; what
 * an earlier run left half made, unreadable for the images' user or open to others is fixed. Returns the CA (PEM).
 */
export async function ensureCertificates(folder: string, servers: readonly string[]): Promise<string> {
  await openFolder(folder);
  const authority = (await certificateIn(folder, "ca")) ?? (await makeAuthority(folder));
  await setModes(folder, { "ca.crt": 0o644, "ca.key": 0o600 });
  for (const server of servers) await ensureServer(join(folder, server), { server, authority });
  return authority.toString();
}

async function ensureServer(folder: string, { server, authority }: { server: string; authority: X509Certificate }) {
  await openFolder(folder);
  const present = await certificateIn(folder, "server");
  if (!present?.verify(authority.publicKey)) await makeServerCertificate(folder, server);
  await writeFile(join(folder, "ca.crt"), authority.toString());
  await setModes(folder, { "ca.crt": 0o644, "server.crt": 0o644, "server.key": 0o600 });
  await chown(join(folder, "server.key"), IMAGE_UID, IMAGE_UID);
}

/** Undefined unless certificate and key are there, whole, of each other and valid for some time to come. */
async function certificateIn(folder: string, name: string): Promise<X509Certificate | undefined> {
  try {
    const certificate = new X509Certificate(await readFile(join(folder, `${name}.crt`)));
    const key = createPrivateKey(await readFile(join(folder, `${name}.key`)));
    const isFresh = certificate.validToDate.getTime() > Date.now() + RENEW_BEFORE_MS;
    return isFresh && certificate.checkPrivateKey(key) ? certificate : undefined;
  } catch {
    // Missing, or cut short by the end of an earlier run.
    return undefined;
  }
}

async function makeAuthority(folder: string): Promise<X509Certificate> {
  await newKey(join(folder, "ca.key"));
  const request = ["req", "-x509", "-new", "-key", join(folder, "ca.key"), "-days", DAYS];
  const subject = ["-subj", "/CN=GreenLeaf local authority"];
  const extensions = [
    "-addext",
    "basicConstraints=critical,CA:TRUE",
    "-addext",
    "keyUsage=critical,keyCertSign,cRLSign",
  ];
  await exec(["openssl", ...request, ...subject, ...extensions, "-out", join(folder, "ca.crt")]);
  return new X509Certificate(await readFile(join(folder, "ca.crt")));
}

async function makeServerCertificate(folder: string, server: string): Promise<void> {
  const at = (name: string) => join(folder, name);
  const above = (name: string) => join(folder, "..", name);
  await newKey(at("server.key"));
  await writeFile(
    at("server.ext"),
    `subjectAltName=DNS:${server},DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n`,
  );
  await exec(["openssl", "req", "-new", "-key", at("server.key"), "-subj", `/CN=${server}`, "-out", at("server.csr")]);
  const authority = ["-CA", above("ca.crt"), "-CAkey", above("ca.key"), "-CAcreateserial"];
  const request = ["x509", "-req", "-in", at("server.csr"), "-days", DAYS, "-extfile", at("server.ext")];
  await exec(["openssl", ...request, ...authority, "-out", at("server.crt")]);
  for (const name of ["server.csr", "server.ext"]) await rm(at(name));
}

// Made anew: a file that is there keeps its owner and mode when openssl writes into it.
async function newKey(path: string): Promise<void> {
  await rm(path, { force: true });
  await exec(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-out", path]);
  await chmod(path, 0o600);
}

async function openFolder(folder: string): Promise<void> {
  await makeFolder(folder);
  await chmod(folder, 0o755);
}

async function setModes(folder: string, modes: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, mode] of Object.entries(modes)) await chmod(join(folder, name), mode);
}
