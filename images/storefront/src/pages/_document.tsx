import { Head, Html, Main, NextScript } from "next/document";
import { themeAddress } from "../theme.ts";

/** Next writes the language of the address into `lang`. */
export default function Document() {
  const theme = themeAddress();
  return (
    <Html>
      <Head>
        <meta name="color-scheme" content="light dark" />
        <meta name="theme-color" content="#f7f5ee" media="(prefers-color-scheme: light)" />
        <meta name="theme-color" content="#141a16" media="(prefers-color-scheme: dark)" />
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
      </Head>
      <body>
        {/* Here, and not in the head, it comes after the shop's own. */}
        {theme !== undefined && <link rel="stylesheet" href={theme} />}
        <Main />
        <NextScript />
      </body>
    </Html>
  );
}
