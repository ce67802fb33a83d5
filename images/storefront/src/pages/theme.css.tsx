import type { GetServerSideProps } from "next";
import { settings } from "../settings.ts";
import { themeAddress } from "../theme.ts";

export const getServerSideProps: GetServerSideProps = async ({ req, res }) => {
  const address = themeAddress();
  if (address === undefined) return { notFound: true };
  res.setHeader("Content-Type", "text/css; charset=utf-8");
  // Only under the address that names it: an older page may ask a node that has the new one already.
  const isThis = req.url === address;
  res.setHeader("Cache-Control", isThis ? "public, max-age=31536000, immutable" : "no-cache");
  res.end(settings().theme);
  return { props: {} };
};

export default function Theme() {
  return null;
}
