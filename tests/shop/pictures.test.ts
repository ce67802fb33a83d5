import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBrowser, SHOP, visit } from "./browser.ts";
import { GARDEN, photograph } from "./camera.ts";
import { areasOf, widthOf } from "./in-page.ts";
import { KEEPER, type Keeper, keeperSkipReason, openKeeper, type SoldPlant } from "./keeper.ts";
import { adminHeaders } from "./store-order.ts";
import { openVisitor } from "./visitor.ts";

const PROJECT = process.env.GREENLEAF_SHOP_PROJECT ?? "greenleaf";
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 3, isMobile: true, hasTouch: true };
const MB = 1_000_000;

const reason = await keeperSkipReason();
const title = reason === undefined ? "pictures" : `pictures (${reason})`;

interface Uploaded {
  readonly id: string;
  readonly url: string;
}

interface Answer {
  readonly status: number;
  readonly files: readonly Uploaded[];
  readonly message: string;
}

let browser: Browser;
let keeper: Keeper;
let headers: Record<string, string>;
/** As a camera writes it. */
let photo: Buffer;

async function upload(name: string, bytes: Buffer): Promise<Answer> {
  const form = new FormData();
  form.append("files", new Blob([new Uint8Array(bytes)], { type: "image/jpeg" }), name);
  const answer = await fetch(`${SHOP}/admin/uploads`, { method: "POST", headers, body: form });
  const { files = [], message = "" } = (await answer.json()) as Partial<Answer>;
  return { status: answer.status, files, message };
}

const remove = ({ id }: Uploaded) =>
  fetch(`${SHOP}/admin/uploads/${encodeURIComponent(id)}`, { method: "DELETE", headers });

const sizesOf = (url: string) =>
  ["avif", "webp", "jpg"].flatMap((format) =>
    [400, 800, 1200].map((frame) => url.replace(/\.w1200-(\w+)\.jpg$/, `.w${frame}-$1.${format}`)),
  );

/** The most memory of their own that the processes of the backend have until the answer is there, beyond what they had. */
async function memoryOf(run: () => Promise<unknown>): Promise<number> {
  const program = `
    const own = (pid) => {
      try { return Number(/^RssAnon:\\s+(\\d+)/m.exec(fs.readFileSync("/proc/" + pid + "/status", "utf8"))?.[1] ?? 0) * 1024; }
      catch { return 0; }
    };
    const others = () => fs.readdirSync("/proc").filter((name) => /^\\d+$/.test(name) && name !== String(process.pid));
    const now = () => others().reduce((sum, pid) => sum + own(pid), 0);
    const before = now();
    let most = 0;
    setInterval(() => { most = Math.max(most, now()); }, 20);
    console.log("begun");
    process.stdin.resume().on("end", () => { console.log(most - before); process.exit(0); });`;
  const child = spawn("docker", ["exec", "-i", `${PROJECT}-backend-1`, "node", "-e", program], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const begun = new Promise((resolve) => child.stdout.once("data", resolve));
  const said = text(child.stdout);
  await Promise.race([begun, once(child, "exit")]);
  expect(child.exitCode).toBe(null);
  await run();
  child.stdin.end();
  return Number((await said).trim().split("\n").at(-1));
}

/** Every picture of a page as a customer's browser got it, once all of them were looked at. */
async function picturesOf(page: Page, handle: string): Promise<{ type: string; bytes: number; url: string }[]> {
  const got: Promise<{ type: string; bytes: number; url: string }>[] = [];
  page.on("response", (answer) => {
    if (answer.request().resourceType() !== "image") return;
    const type = answer.headers()["content-type"] ?? "";
    got.push(answer.body().then((body) => ({ type, bytes: body.length, url: answer.url() })));
  });
  await page.goto(`${SHOP}/plants/${handle}`);
  for (const picture of await page.locator("img.picture").all()) {
    await picture.scrollIntoViewIfNeeded();
    await expect.poll(() => picture.evaluate(widthOf), { timeout: 30_000 }).toBeGreaterThan(0);
  }
  return Promise.all(got);
}

describe.skipIf(reason)(title, () => {
  beforeAll(async () => {
    browser = await openBrowser();
    keeper = await openKeeper(KEEPER);
    headers = await adminHeaders(KEEPER);
    await visit(browser, {}, async (page) => {
      photo = await photograph(page);
    });
  });
  afterAll(() => browser?.close());

  test("one of 15 MB costs at most 256 MB, is turned, says nothing of its garden, and is deleted with every size", async () => {
    expect(photo.length).toBeGreaterThan(12 * MB);
    let answer: Answer | undefined;
    const memory = await memoryOf(async () => {
      answer = await upload("Ёлка в саду.jpg", photo);
    });
    expect(answer?.status).toBe(200);
    const uploaded = answer!.files[0]!;
    expect(decodeURIComponent(uploaded.url)).toMatch(/\/Ёлка-в-саду\.w1200-[0-9A-Z]{26}\.jpg$/);
    expect(memory).toBeGreaterThan(30 * MB);
    expect(memory).toBeLessThan(256 * MB);
    const sizes = sizesOf(uploaded.url);
    for (const url of sizes) {
      const got = await fetch(url);
      const bytes = Buffer.from(await got.arrayBuffer());
      const kind = url.endsWith("jpg") ? "jpeg" : url.split(".").at(-1);
      expect([url, got.status, got.headers.get("content-type")]).toEqual([url, 200, `image/${kind}`]);
      expect([url, bytes.includes(GARDEN), bytes.includes("Exif\0\0II")]).toEqual([url, false, false]);
      expect(bytes.length).toBeLessThan(0.5 * MB);
    }
    await visit(browser, {}, async (page) => {
      const areas = await page.evaluate(areasOf, sizes);
      const upright = [
        [375, 500],
        [750, 1000],
        [1125, 1500],
      ];
      expect(areas).toEqual([...upright, ...upright, ...upright]);
    });
    await remove(uploaded);
    expect(await Promise.all(sizes.map(async (url) => (await fetch(url)).status))).toEqual(sizes.map(() => 404));
  });

  test("the file itself is sent to nobody", async () => {
    const [uploaded] = (await upload("kept.jpg", photo)).files;
    const key = `private/originals/${uploaded!.id.replace(".w1200", "").replace(".jpg", "")}`;
    for (const place of ["media", "files/greenleaf-private", "files/greenleaf-media"]) {
      const { status } = await fetch(`${SHOP}/${place}/${key}`);
      expect([place, [403, 404].includes(status)]).toEqual([place, true]);
    }
    await remove(uploaded!);
  });

  test("what is empty, broken or of no browser's kind is refused in words", async () => {
    const grain = photo.subarray(0, Math.floor(photo.length * 0.6));
    const box = (kind: string, body: string) =>
      Buffer.concat([Buffer.from([0, 0, 0, body.length + 8]), Buffer.from(kind + body, "latin1")]);
    const cases: [string, Buffer, RegExp][] = [
      ["nothing.jpg", Buffer.alloc(0), /^The file is empty\.$/],
      ["cut.jpg", grain, /^The file is no whole JPEG/],
      // Whole by its marks, and half of its picture is missing.
      ["half.jpg", Buffer.concat([grain, Buffer.from([0xff, 0xd9])]), /^The file is broken/],
      ["phone.heic", box("ftyp", "heic\0\0\0\0mif1heic"), /^The file is a HEIC picture.*save it as JPEG/],
      [
        "hollow.avif",
        Buffer.concat([
          box("ftyp", "avif\0\0\0\0avifmif1"),
          box("meta", "\0".repeat(20)),
          box("mdat", "\0".repeat(20)),
        ]),
        /^The file is broken/,
      ],
    ];
    for (const [name, bytes, message] of cases) {
      const answer = await upload(name, bytes);
      expect([name, answer.status, answer.message]).toEqual([name, 400, expect.stringMatching(message)]);
    }
  });

  describe("a plant with six of 15 MB", () => {
    let plant: SoldPlant;
    const uploaded: Uploaded[] = [];
    beforeAll(async () => {
      plant = await keeper.addPlant({ stock: 5, price: 12 });
      for (let number = 1; number <= 6; number += 1)
        uploaded.push(...(await upload(`plant ${number}.jpg`, photo)).files);
      const images = uploaded.map(({ url }) => ({ url }));
      await plant.change({ images, thumbnail: images[0]?.url });
    });
    afterAll(async () => {
      await plant?.remove();
      await Promise.all(uploaded.map(remove));
    });

    test("shows all of them on a phone, in modern formats, in 600 kB with everything else of the page", async () => {
      await visit(browser, PHONE, async (page, complaints) => {
        let others = 0;
        page.on("response", (answer) => {
          if (answer.request().resourceType() === "image") return;
          void answer.body().then((body) => (others += body.length));
        });
        const pictures = await picturesOf(page, plant.handle);
        const own = pictures.filter(({ url }) => url.includes("/plant-"));
        expect(own).toHaveLength(6);
        expect(new Set(own.map(({ type }) => type))).toEqual(new Set(["image/avif"]));
        const bytes = pictures.reduce((sum, picture) => sum + picture.bytes, others);
        expect(bytes).toBeLessThan(600_000);
        expect(complaints).toEqual([]);
      });
    });

    test("is sharp on a wide screen of two pixels to one, and never the file that was uploaded", async () => {
      const wide = { viewport: { width: 1366, height: 850 }, deviceScaleFactor: 2 };
      await visit(browser, wide, async (page) => {
        const own = (await picturesOf(page, plant.handle)).filter(({ url }) => url.includes("/plant-"));
        expect(own.filter(({ url }) => !url.includes(".w1200-"))).toEqual([]);
        expect(Math.max(...own.map(({ bytes }) => bytes))).toBeLessThan(0.5 * MB);
      });
    });

    test("is a small picture in the cart", async () => {
      const visitor = openVisitor(SHOP);
      const cart = await visitor.send("/api/cart/items", {
        variant: plant.variant,
        quantity: "1",
        from: plant.handle,
      });
      const shown = (await visitor.read("/cart")).html + cart.html;
      expect(shown).toMatch(/<source type="image\/avif" srcSet="[^"]*\.w400-[^"]* 400w[^"]*" sizes="80px"/);
    });
  });

  test("a picture of an older world is shown as it is", async () => {
    const plant = await keeper.addPlant({ stock: 1, price: 3 });
    const url = `${SHOP}/media/old-01M828TY1Z5CFCYZ1DWYQ2N5QH.png`;
    try {
      await plant.change({ images: [{ url }], thumbnail: url });
      const page = async () => (await fetch(`${SHOP}/plants/${plant.handle}`)).text();
      await expect.poll(page, { timeout: 30_000, interval: 500 }).toContain(`src="${url}"`);
      expect(await page()).not.toContain("old-01M828TY1Z5CFCYZ1DWYQ2N5QH.w");
    } finally {
      await plant.remove();
    }
  });
});
