import { LANGUAGES, localPath } from "../language/language.ts";

/** The most addresses a sitemap may have (sitemaps.org). */
const MOST = 50_000;

/** Every page in every language, as sitemaps.org wants them. */
export function writeSitemap(shopUrl: string, paths: readonly string[]): string {
  const address = (path: string) => escapeXml(`${shopUrl}${path}`);
  const entries = paths.slice(0, Math.floor(MOST / LANGUAGES.length)).flatMap((path) => {
    const links = LANGUAGES.map(
      (each) => `<xhtml:link rel="alternate" hreflang="${each}" href="${address(localPath(each, path))}"/>`,
    ).join("");
    return LANGUAGES.map((language) => `<url><loc>${address(localPath(language, path))}</loc>${links}</url>`);
  });
  const spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"';
  return `<?xml version="1.0" encoding="UTF-8"?>\n<urlset ${spaces}>\n${entries.join("\n")}\n</urlset>\n`;
}

const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`);
