import { expect, test } from "vitest";
import { type EngineImage, unusedImages } from "./unused-images.ts";

const image = (name: string, digit: string): string => `registry/${name}@sha256:${digit.repeat(64)}`;
const listed = (id: string, ...references: string[]): EngineImage => ({ id, references });
const RECORD = {
  version: 1,
  releases: { two: [image("backend", "2"), image("caddy", "1")], one: [image("backend", "1"), image("caddy", "1")] },
} as const;

test("an image of these repositories that no kept release names goes", () => {
  const images = [
    listed("old", image("backend", "0")),
    listed("previous", image("backend", "1")),
    listed("current", image("backend", "2")),
  ];
  expect(unusedImages(images, RECORD, new Set(["current"]))).toEqual([image("backend", "0")]);
});

test("one that a container uses stays, whoever made the container", () => {
  expect(unusedImages([listed("old", image("backend", "0"))], RECORD, new Set(["old"]))).toEqual([]);
});

test("nobody else's goes: another repository, one that was built here, one without a digest", () => {
  const images = [listed("theirs", image("database", "0")), listed("built"), listed("tagged", "registry/backend:1")];
  expect(unusedImages(images, RECORD, new Set())).toEqual([]);
});

test("an image under two references stays while a kept release names one of them", () => {
  const images = [listed("same", image("backend", "0"), image("backend", "1"))];
  expect(unusedImages(images, RECORD, new Set())).toEqual([]);
});

test("nothing goes where nothing is known of releases", () => {
  const images = [listed("old", image("backend", "0"))];
  expect(unusedImages(images, { version: 1, releases: {} }, new Set())).toEqual([]);
});
