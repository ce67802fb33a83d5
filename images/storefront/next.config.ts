import type { NextConfig } from "next";
import { readBuildId } from "./build/build-id.ts";

const config: NextConfig = {
  output: "standalone",
  // The repository's own lock file further up must not make it the root.
  outputFileTracingRoot: import.meta.dirname,
  turbopack: { root: import.meta.dirname },
  // Caddy compresses (zstd, gzip) for the whole node; doing it twice only costs time.
  compress: false,
  // Left outside of the bundle it is found by a link that Next makes below .next, which an image of copied files lacks.
  transpilePackages: ["minisearch"],
  poweredByHeader: false,
  // /fr/... is French; who comes to the bare address is sent on by its page (src/pages/index.tsx).
  i18n: { locales: ["en", "fr"], defaultLocale: "en", localeDetection: false },
  productionBrowserSourceMaps: false,
  // Pictures are plain <img> elements whose address is made at run time (src/shop/picture.ts): the optimiser would
  // need its hosts at build time, and 19 MB of native code.
  images: { unoptimized: true },
  outputFileTracingExcludes: { "*": ["node_modules/sharp/**", "node_modules/@img/**", "node_modules/typescript/**"] },
  generateBuildId: () => readBuildId(import.meta.dirname),
  typescript: { tsconfigPath: "tsconfig.json" },
};

export default config;
