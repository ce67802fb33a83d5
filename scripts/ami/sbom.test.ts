import { expect, test } from "vitest";
import { factsOf, sbomOf } from "./sbom.ts";

const image =
  "os=Debian GNU/Linux 13 (trixie)\nkernel=linux-image-6.12 6.12.1-1\nagent=0.1.0\nimage=host/a@sha256:1\nimage=host/b@sha256:2\n";
const npm = { "@aws-sdk/core": "3.981.0" };

test("every package of the distribution and of npm has a name that scanners know", () => {
  const packages = "libstdc++6\t14.2.0-19\tamd64\ntzdata\t2025b-4+deb13u1\tall\n";
  const { components, metadata } = sbomOf({ packages, image, npm }) as {
    components: ReadonlyArray<{ name: string; purl?: string; type: string }>;
    metadata: object;
  };
  expect(components.map(({ purl }) => purl).filter(Boolean)).toEqual([
    "pkg:deb/debian/libstdc%2B%2B6@14.2.0-19?arch=amd64",
    "pkg:deb/debian/tzdata@2025b-4%2Bdeb13u1?arch=all",
    "pkg:npm/%40aws-sdk/core@3.981.0",
  ]);
  expect(components.filter(({ type }) => type === "container").map(({ name }) => name)).toEqual(["host/a", "host/b"]);
  expect(metadata).toEqual({
    component: { type: "operating-system", name: "Debian GNU/Linux 13 (trixie)", version: "linux-image-6.12 6.12.1-1" },
  });
});

test("Amazon Linux' packages are named as rpm", () => {
  const content = { packages: "bash\t5.2.15-1\tx86_64\n", image: "os=Amazon Linux 2023\n", npm: {} };
  expect(JSON.stringify(sbomOf(content))).toContain("pkg:rpm/amzn/bash@5.2.15-1?arch=x86_64");
});

test("a key may be there several times, and a line that is none is left out", () => {
  expect(factsOf("a=1\nhello\na=2=3\n")).toEqual(new Map([["a", ["1", "2=3"]]]));
});
