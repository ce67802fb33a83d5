import { expect, test } from "vitest";
import { pictureUrl } from "../../../images/storefront/src/shop/picture.ts";

const MEDIA = "https://media.example.com";
const FILE = "aloe-01M828TY1Z5CFCYZ1DWYQ2N5QH.svg";

test.each([
  ["a picture that lies there already", `${MEDIA}/${FILE}`, `${MEDIA}/${FILE}`],
  ["an upload from before the media domain moved", `http://localhost:8080/media/${FILE}`, `${MEDIA}/${FILE}`],
  [
    "an upload with an escaped name",
    `https://old.example/a%20b-01M828TY1Z5CFCYZ1DWYQ2N5QH.webp`,
    `${MEDIA}/a%20b-01M828TY1Z5CFCYZ1DWYQ2N5QH.webp`,
  ],
  ["a bare key", FILE, `${MEDIA}/${FILE}`],
  ["a picture of somebody else", "https://cdn.example/plants/aloe.jpg", "https://cdn.example/plants/aloe.jpg"],
  ["a neighbour whose name merely begins like ours", `${MEDIA}.evil/x.png`, `${MEDIA}.evil/x.png`],
])("%s is read from the right place", (_, stored, read) => {
  expect(pictureUrl(stored, MEDIA)).toBe(read);
});
