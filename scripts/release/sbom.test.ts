import { expect, test } from "vitest";
import { sbomText } from "./sbom.ts";

const record = (name: string, version: string) =>
  `{"name":"${name}","version":"${version}","architecture":"amd64","sha256":"${"a".repeat(64)}"}\n`;
const parts = {
  name: "backend",
  digest: `sha256:${"b".repeat(64)}`,
  records: `${record("libssl3t64", "3.5.1-1+deb13u1")}${record("libc6", "2:2.41-12")}`,
  packages: [
    { name: "@medusajs/medusa", version: "2.17.0", isDev: false },
    { name: "vitest", version: "4.0.0", isDev: true },
  ],
};

test("an image's parts are its Debian packages and what of its lock file it runs, each with its address", () => {
  const sbom = JSON.parse(sbomText(parts)) as {
    metadata: object;
    components: Array<{ type: string; purl: string; hashes?: object }>;
  };
  expect(sbom).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1 });
  expect(sbomText(parts)).toMatch(/^\{\n "bomFormat"/);
  expect(new Set(sbom.components.map(({ type }) => type))).toEqual(new Set(["library"]));
  expect(sbom.metadata).toEqual({ component: { type: "container", name: "greenleaf/backend", version: parts.digest } });
  expect(sbom.components.map(({ purl }) => purl)).toEqual([
    "pkg:deb/debian/libc6@2%3A2.41-12?arch=amd64&distro=debian-13",
    "pkg:deb/debian/libssl3t64@3.5.1-1%2Bdeb13u1?arch=amd64&distro=debian-13",
    "pkg:npm/%40medusajs/medusa@2.17.0",
  ]);
  expect(sbom.components[0]?.hashes).toEqual([{ alg: "SHA-256", content: "a".repeat(64) }]);
});

test("the same parts give the same bytes in whatever order they are found, a parent's twice or once", () => {
  const turned = {
    ...parts,
    records: `${record("libc6", "2:2.41-12")}${parts.records}`,
    packages: [...parts.packages].reverse(),
  };
  expect(sbomText(turned)).toBe(sbomText(parts));
});
