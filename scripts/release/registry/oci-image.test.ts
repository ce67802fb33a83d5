import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { digestOf } from "../../../tests/support/fake-registry.ts";
import { distFolder, workFolder } from "../../images/folders.ts";
import { ociImage } from "./oci-image.ts";

// The engine keeps an image by the hash of these very bytes: they are not to be written anew.
const CONFIG = (layers: readonly string[]) =>
  `{ "rootfs":{"type":"layers","diff_ids":${JSON.stringify(layers.map(digestOf))}},\n "config": {} }`;
const LAYERS = [`first of ${process.pid}`, `second of ${process.pid}`].map((text) => text.repeat(500));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "greenleaf-oci-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  onTestFinished(() => LAYERS.forEach((layer) => rmSync(cached(layer), { force: true })));
  vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
});
afterEach(() => vi.unstubAllEnvs());

const cached = (layer: string) => join(distFolder, "layers", `${digestOf(layer).slice("sha256:".length)}.tar.gz`);

/** An engine that saves one image, its layers packed as they are given. */
function engineWith(pack: (layer: string, index: number) => Buffer) {
  const saved = join(folder, "saved");
  const write = (name: string, content: string | Buffer) => {
    mkdirSync(dirname(join(saved, name)), { recursive: true });
    writeFileSync(join(saved, name), content);
  };
  const paths = LAYERS.map((_, index) => `blobs/sha256/layer${index}`);
  write("blobs/sha256/config", CONFIG(LAYERS));
  write("manifest.json", JSON.stringify([{ Config: "blobs/sha256/config", Layers: paths }]));
  LAYERS.forEach((layer, index) => write(paths[index] ?? "", pack(layer, index)));
  const script = `#!/bin/sh\n[ "$*" = "save greenleaf/caddy:local" ] && exec tar -cf - -C '${saved}' .\n`;
  writeFileSync(join(folder, "docker"), script, { mode: 0o755 });
}

const plain = (layer: string) => Buffer.from(layer);

test("an image is its manifest, the configuration as the engine has it, and its layers in their order", async () => {
  engineWith(plain);
  const { manifest, digest, blobs } = await ociImage("greenleaf/caddy:local");
  const bytes = await Promise.all(blobs.map((blob) => blob.bytes()));
  expect(bytes[0]?.toString()).toBe(CONFIG(LAYERS));
  expect(bytes.slice(1).map((layer) => gunzipSync(layer).toString())).toEqual(LAYERS);
  expect(blobs.map(({ digest, size }) => [digest, size])).toEqual(bytes.map((each) => [digestOf(each), each.length]));
  expect(digest).toBe(digestOf(manifest));
  const described = (mediaType: string, index: number) => ({
    mediaType: `application/vnd.oci.image.${mediaType}`,
    digest: blobs[index]?.digest,
    size: blobs[index]?.size,
  });
  expect(JSON.parse(manifest.toString())).toEqual({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: described("config.v1+json", 0),
    layers: [described("layer.v1.tar+gzip", 1), described("layer.v1.tar+gzip", 2)],
  });
});

test("the same image gives the same bytes, from an engine that keeps its layers compressed as well", async () => {
  engineWith(plain);
  const first = await ociImage("greenleaf/caddy:local");
  for (const layer of LAYERS) rmSync(cached(layer));
  engineWith((layer, index) => (index === 0 ? gzipSync(layer, { level: 1 }) : plain(layer)));
  expect((await ociImage("greenleaf/caddy:local")).digest).toBe(first.digest);
  // No time and no name in what gzip writes.
  const [, layer] = first.blobs;
  expect((await layer?.bytes())?.subarray(0, 8)).toEqual(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]));
});

test("a layer of an earlier release is not compressed again, and none is kept by half", async () => {
  engineWith(plain);
  await ociImage("greenleaf/caddy:local");
  const before = LAYERS.map((layer) => statSync(cached(layer)).ino);
  await ociImage("greenleaf/caddy:local");
  expect(LAYERS.map((layer) => statSync(cached(layer)).ino)).toEqual(before);
  expect(LAYERS.filter((layer) => existsSync(`${cached(layer)}.new`))).toEqual([]);
});

test("nothing of the unpacked image is left", async () => {
  engineWith(plain);
  const left = () => readdirSync(workFolder).filter((name) => name.startsWith("image-"));
  mkdirSync(workFolder, { recursive: true });
  const before = left();
  await ociImage("greenleaf/caddy:local");
  await expect(ociImage("greenleaf/other:local")).rejects.toThrow();
  expect(left().filter((name) => !before.includes(name))).toEqual([]);
});
