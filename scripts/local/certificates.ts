import { existsSync } from "node:fs";
import { chmod, chown, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exec } from "../../node-agent/src/adapters/exec.ts";

const DAYS = "3650";
/** The user of every GreenLeaf image; a key it may read belongs to it. */
export const IMAGE_UID = 10_001;

/** A private authority of the local world and a server certificate for each name; made once. Returns the CA (PEM). */
export async function ensureCertificates(folder: string, servers: readonly string[]): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  if (!existsSync(join(folder, "ca.crt"))) await makeAuthority(folder);
  for (const server of servers) {
    if (!existsSync(join(folder, server, "server.crt"))) await makeServerCertificate(folder, server);
  }
  return readFile(join(folder, "ca.crt"), "utf8");
}

async function makeAuthority(folder: string): Promise<void> {
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
}

async function makeServerCertificate(folder: string, server: string): Promise<void> {
  const at = (name: string) => join(folder, server, name);
  await mkdir(join(folder, server), { recursive: true, mode: 0o755 });
  await newKey(at("server.key"));
  await writeFile(
    at("server.ext"),
    `subjectAltName=DNS:${server},DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n`,
  );
  await exec(["openssl", "req", "-new", "-key", at("server.key"), "-subj", `/CN=${server}`, "-out", at("server.csr")]);
  const authority = ["-CA", join(folder, "ca.crt"), "-CAkey", join(folder, "ca.key"), "-CAcreateserial"];
  const request = ["x509", "-req", "-in", at("server.csr"), "-days", DAYS, "-extfile", at("server.ext")];
  await exec(["openssl", ...request, ...authority, "-out", at("server.crt")]);
  await writeFile(at("ca.crt"), await readFile(join(folder, "ca.crt")));
  await chown(at("server.key"), IMAGE_UID, IMAGE_UID);
}

async function newKey(path: string): Promise<void> {
  await exec(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-out", path]);
  await chmod(path, 0o600);
}
