import type { GetServerSideProps } from "next";
import { LANGUAGES, localPath } from "../language/language.ts";
import { settings } from "../settings.ts";

const PERSONAL = ["/cart", "/checkout", "/order", "/account", "/search"];

export const getServerSideProps: GetServerSideProps = async ({ res }) => {
  const closed = LANGUAGES.flatMap((language) => PERSONAL.map((path) => localPath(language, path)));
  const lines = ["User-agent: *", ...[...closed, "/api", "/app"].map((path) => `Disallow: ${path}`), ""];
  res.setHeader("Content-Type", "text/plain; charset=utf-8");
  res.end([...lines, `Sitemap: ${settings().shopUrl}/sitemap.xml`, ""].join("\n"));
  return { props: {} };
};

export default function Robots() {
  return null;
}
