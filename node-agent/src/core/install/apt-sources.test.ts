import { expect, test } from "vitest";
import { deb822, mirrorOf, parseDeb822, parseSourcesList } from "./apt-sources.ts";

test("the one-line form is read with its options and comments", () => {
  const text = `# deb http://commented.example bookworm main
deb http://deb.debian.org/debian bookworm main contrib # why
deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] https://x.example/debian  bookworm-updates main
deb-src http://deb.debian.org/debian bookworm main
`;
  expect(parseSourcesList(text)).toEqual([
    { uri: "http://deb.debian.org/debian", suites: ["bookworm"], components: ["main", "contrib"] },
    {
      uri: "https://x.example/debian",
      suites: ["bookworm-updates"],
      components: ["main"],
      signedBy: "/usr/share/keyrings/x.gpg",
    },
  ]);
});

test("the paragraph form is read; what is switched off or only source is not there", () => {
  const text = `# comment
Types: deb deb-src
URIs: http://a.example/debian
 http://b.example/debian
Suites: trixie trixie-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://off.example
Suites: trixie
Components: main
Enabled: no

Types: deb-src
URIs: http://source.example
Suites: trixie
Components: main

Types: deb
URIs: http://inline.example
Suites: trixie
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQ==
`;
  const signedBy = "/usr/share/keyrings/debian-archive-keyring.gpg";
  const suites = ["trixie", "trixie-updates"];
  expect(parseDeb822(text)).toEqual([
    { uri: "http://a.example/debian", suites, components: ["main"], signedBy },
    { uri: "http://b.example/debian", suites, components: ["main"], signedBy },
    { uri: "http://inline.example", suites: ["trixie"], components: ["main"] },
  ]);
});

test("the mirror is where the release's own main packages come from", () => {
  const sources = [
    { uri: "https://download.docker.com/linux/debian", suites: ["bookworm"], components: ["stable"] },
    { uri: "http://security.debian.org", suites: ["bookworm-security"], components: ["main"] },
    { uri: "http://mirror.example/debian", suites: ["bookworm", "bookworm-updates"], components: ["main"] },
  ];
  expect(mirrorOf(sources, "bookworm")?.uri).toBe("http://mirror.example/debian");
  expect(mirrorOf(sources, "trixie")).toBeUndefined();
});

test("a suite of it is written with its keyring", () => {
  const text = deb822({ uri: "http://m.example/debian", suites: [], components: [], signedBy: "/k.gpg" }, "trixie");
  expect(text).toBe("Types: deb\nURIs: http://m.example/debian\nSuites: trixie\nComponents: main\nSigned-By: /k.gpg\n");
  expect(parseDeb822(text)).toEqual([
    { uri: "http://m.example/debian", suites: ["trixie"], components: ["main"], signedBy: "/k.gpg" },
  ]);
});
