import { expect, test } from "vitest";
import { parseManifest, roomFor } from "./image-layers.ts";

const config = { mediaType: "application/vnd.oci.image.config.v1+json", digest: "sha256:c", size: 7 };
const layer = (name: string, size: number) => ({ mediaType: "layer", digest: `sha256:${name}`, size });

test("a manifest of an image names its layers, one of several platforms the manifests of Linux", () => {
  expect(parseManifest(JSON.stringify({ schemaVersion: 2, config, layers: [layer("a", 5)] }))).toEqual({
    layers: [{ digest: "sha256:a", bytes: 5 }],
  });
  const manifests = [
    { digest: "sha256:1", platform: { os: "linux", architecture: "arm64", variant: "v8" } },
    { digest: "sha256:2", platform: { os: "windows", architecture: "amd64" } },
    { digest: "sha256:3", platform: { os: "unknown", architecture: "unknown" } },
  ];
  expect(parseManifest(JSON.stringify({ schemaVersion: 2, manifests }))).toEqual({
    platforms: [{ digest: "sha256:1", architecture: "arm64" }],
  });
});

test.each([
  "",
  "<html>",
  "{}",
  '{"errors":[]}',
  '{"schemaVersion":1,"fsLayers":[]}',
  JSON.stringify({ config, layers: [{ digest: "sha256:a", size: -1 }] }),
  JSON.stringify({ config, layers: [{ digest: "sha256:a", size: "5" }] }),
])("%j tells no sizes", (text) => {
  expect(parseManifest(text)).toBeUndefined();
});

test("a layer takes four times its size, once for all images that share it, and nothing where it is here", () => {
  const [base, one, two] = [
    { digest: "base", bytes: 100 },
    { digest: "one", bytes: 10 },
    { digest: "two", bytes: 1 },
  ] as const;
  expect(roomFor([base, one, base, two])).toBe(444);
  expect(roomFor([base, one, base, two], [base])).toBe(44);
  expect(roomFor([])).toBe(0);
});
