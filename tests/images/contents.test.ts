import { describe, expect, test } from "vitest";
import { $ } from "zx";
import { findImage } from "../../scripts/images/engine.ts";
import { type FileFacts, type ImageFacts, imageFacts, imageSize } from "../../scripts/images/image-facts.ts";
import { BUDGETS } from "../../scripts/images/size-table.ts";

const SHIPPED = ["base", "node", "caddy", "backend", "storefront"];
const LOCAL = ["postgres", "valkey", "aws"];

const COMPILER = /(^|\/)(gcc|cc|g\+\+|c\+\+|clang|cc1|cc1plus|tcc|as|ld|make|cmake|tsc|esbuild|rustc)(-[\d.]+)?$/;
const SHELL = /^(usr\/)?s?bin\/(sh|bash|dash|busybox|zsh|ash)$/;
const PACKAGE_MANAGER = /^usr\/(local\/)?s?bin\/(apt|apt-get|dpkg|npm|npx|pip|pip3|yarn|corepack)$/;
const CACHE =
  /^(var\/cache\/apt\/.+\.(deb|bin)|var\/lib\/apt\/lists\/.+_.+|root\/\.(npm|cache)\/.+|tmp\/.+|home\/[^/]+\/\.(npm|cache)\/.+)/;
const MADE_HERE =
  /^(etc\/hostname|etc\/resolv\.conf|etc\/machine-id|etc\/apt\/apt\.conf\.d\/99mmdebstrap|.*\.(log|old))$/;

const files = ({ layers }: ImageFacts): FileFacts[] => layers.flatMap((layer) => [...layer.files]);
const paths = (facts: ImageFacts, pattern: RegExp): string[] =>
  files(facts)
    .filter(({ path, type, size }) => type === "file" && size > 0 && pattern.test(path))
    .map(({ path }) => path);

for (const name of [...SHIPPED, ...LOCAL]) {
  const image = `greenleaf/${name}:local`;
  const isBuilt = (await findImage(image)) !== undefined;
  if (!isBuilt) console.warn(`skipped: ${image} is not built; ./greenleaf images ${name} builds it`);

  describe.skipIf(!isBuilt)(image, async () => {
    const facts = isBuilt ? await imageFacts(image) : ({ layers: [] } as unknown as ImageFacts);
    const { config } = facts.config ?? { config: {} };

    test("runs as the user 10001 under tini with a health check", () => {
      expect(config.User).toBe("10001:10001");
      expect(config.Entrypoint?.slice(0, 2)).toEqual(["/usr/bin/tini", "--"]);
      expect(config.Healthcheck?.Test[0]).toBe("CMD");
      expect(files(facts).some(({ path }) => `/${path}` === config.Healthcheck?.Test[1])).toBe(true);
    });

    test("says what it is, where it comes from and when", () => {
      expect(config.Labels).toMatchObject({
        "org.opencontainers.image.title": `greenleaf/${name}`,
        "org.opencontainers.image.description": expect.stringMatching(/.{20}/),
        "org.opencontainers.image.source": expect.stringMatching(/^https:/),
        "org.opencontainers.image.version": expect.stringMatching(/^\d+\.\d+\.\d+$/),
        "org.opencontainers.image.revision": expect.stringMatching(/^([0-9a-f]{40}(-dirty)?|unknown)$/),
        "org.opencontainers.image.licenses": "Apache-2.0",
        "io.greenleaf.recipe": expect.stringMatching(/^[0-9a-f]{32}$/),
      });
      const created = config.Labels?.["org.opencontainers.image.created"] ?? "";
      expect(new Date(created)).toEqual(new Date(facts.config.created ?? 0));
    });

    test("holds no compiler, no cache, no source map and nothing of the machine that built it", () => {
      expect(paths(facts, COMPILER)).toEqual([]);
      expect(paths(facts, CACHE)).toEqual([]);
      expect(paths(facts, /\.(js|css|mjs|cjs)\.map$/)).toEqual([]);
      expect(paths(facts, MADE_HERE)).toEqual([]);
      expect(paths(facts, /^run\/secrets\//)).toEqual([]);
    });

    test("has no file that everybody may write and none that runs as somebody else", () => {
      const open = files(facts).filter(
        ({ type, mode }) => type !== "link" && type !== "other" && (mode & 0o1002) === 0o002,
      );
      expect(open.map(({ path }) => path)).toEqual([]);
      if (SHIPPED.includes(name)) expect(files(facts).filter(({ mode }) => (mode & 0o6000) !== 0)).toEqual([]);
    });

    test("lists its Debian packages with their hashes", async () => {
      const lines = (await recordedPackages(image)).split("\n").filter((line) => line !== "");
      expect(lines.length).toBeGreaterThan(5);
      for (const line of lines) {
        expect(JSON.parse(line)).toMatchObject({
          name: expect.stringMatching(/^[a-z0-9]/),
          version: expect.stringMatching(/^\d/),
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        });
      }
    });

    if (SHIPPED.includes(name))
      test("holds neither a shell nor a package manager", () => {
        const linked = files(facts).filter(({ path, type }) => type === "link" && SHELL.test(path));
        expect([...paths(facts, SHELL), ...linked.map(({ path }) => path), ...paths(facts, PACKAGE_MANAGER)]).toEqual(
          [],
        );
      });

    test("weighs no more than it may, and prints it", async () => {
      const { compressed, unpacked } = await imageSize(image);
      const budget = BUDGETS[name] ? ` (budget ${BUDGETS[name]} MB)` : "";
      console.log(`${image}: ${megabytes(compressed)} compressed, ${megabytes(unpacked)} unpacked${budget}`);
      expect(compressed).toBeGreaterThan(1e6);
      expect(compressed).toBeLessThan(unpacked);
      expect(compressed / 1e6).toBeLessThanOrEqual(BUDGETS[name] ?? Number.POSITIVE_INFINITY);
    });
  });
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** The records an image carries, its own and those of the images below. */
async function recordedPackages(image: string): Promise<string> {
  const { stdout: container } = await $({ quiet: true })`docker create ${image} none`;
  const id = container.trim();
  try {
    return (await $({ quiet: true })`docker cp ${id}:/usr/share/greenleaf/packages - | tar -xOf -`).stdout;
  } finally {
    await $({ quiet: true })`docker rm --volumes ${id}`;
  }
}
