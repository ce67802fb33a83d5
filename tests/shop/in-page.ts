// Functions that run inside the browser: each is sent there as text, so it may use nothing from outside itself. The
// few things of the page they touch are declared here; the DOM's own types would leak into every Node program.
interface PageElement {
  readonly textContent: string | null;
  readonly outerHTML: string;
  readonly labels?: readonly PageElement[] | null;
  readonly clientWidth: number;
  readonly scrollWidth: number;
  readonly lang?: string;
  getAttribute(name: string): string | null;
}
declare const document: {
  readonly activeElement: PageElement | null;
  readonly documentElement: PageElement;
  readonly title: string;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
};

interface PagePicture {
  readonly naturalWidth: number;
  readonly naturalHeight: number;
  readonly clientWidth: number;
  readonly clientHeight: number;
  readonly src: string;
  decode(): Promise<void>;
}

/** A picture once it is decoded; fails when it cannot be. */
export async function lookAtPicture(picture: unknown) {
  const image = picture as PagePicture;
  await image.decode();
  return { width: image.naturalWidth, src: image.src, ratio: image.clientWidth / image.clientHeight };
}

declare const Image: new () => PagePicture & { src: string };

/** Width and height of pictures, turned as a browser turns them. */
export async function areasOf(urls: readonly string[]): Promise<number[][]> {
  const images = urls.map(async (src) => {
    const image = Object.assign(new Image(), { src });
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
  });
  return Promise.all(images);
}

export const widthOf = (picture: unknown): number => (picture as PagePicture).naturalWidth;

export function focusedText(): string | null {
  return document.activeElement?.textContent ?? null;
}

export function focusedField(): string | null {
  return document.activeElement?.getAttribute("name") ?? null;
}

/** What the field with the focus shows: "2 of 3" for the second of three radio buttons, else its value. */
export function fieldShows(): string | null {
  const field = document.activeElement as PageElement & {
    name?: string;
    type?: string;
    value?: string;
    checked?: boolean;
  };
  if (field.type !== "radio") return field.value ?? null;
  const group = [...document.querySelectorAll(`input[type=radio][name="${field.name}"]`)];
  return `${group.findIndex((each) => (each as typeof field).checked) + 1} of ${group.length}`;
}

/** What a screen reader could not name. */
export function findNameless(): string[] {
  const text = (element: PageElement) => element.textContent?.trim() || element.getAttribute("aria-label") || "";
  const bare = [...document.querySelectorAll("a, button")].filter((element) => text(element) === "");
  const fields = [...document.querySelectorAll("input:not([type=hidden]), select")].filter((field) =>
    [...(field.labels ?? [])].every((label) => text(label) === ""),
  );
  return [...bare, ...fields, ...document.querySelectorAll("img:not([alt])")].map((element) => element.outerHTML);
}

export function describePage() {
  const description = document.querySelector("meta[name=description]")?.getAttribute("content") ?? "";
  return {
    lang: document.documentElement.lang,
    headings: [...document.querySelectorAll("h1")].length,
    titled: document.title.length > 5,
    described: description.length > 40,
  };
}

/** How far the page reaches beyond the screen's side. */
export function excessWidth(): number {
  return document.documentElement.scrollWidth - document.documentElement.clientWidth;
}

/** What sending the page's first form would send, without the button's own value. */
export function formFields(): Record<string, string> {
  const fields = [...document.querySelectorAll("form [name]:is([type=hidden], :checked)")];
  return Object.fromEntries(fields.map((field) => [field.getAttribute("name"), field.getAttribute("value") ?? ""]));
}
