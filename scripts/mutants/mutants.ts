import { type Change, changesOf } from "./operators.ts";
import { functionBodies, type Syntax, syntaxOf } from "./syntax.ts";

/** One change of one file, to be noticed by a test. */
export interface Mutant extends Change {
  readonly file: string;
  readonly line: number;
  /** The changed text before and after, on one line each. */
  readonly shown: string;
  /** The innermost function it stands in, by the place of its body; undefined for what runs when the file is loaded. */
  readonly within: number | undefined;
}

export function mutantsOf(file: string, source: string): readonly Mutant[] {
  const tree = syntaxOf(source);
  const bodies = functionBodies(tree);
  return changesOf(tree, source).map((change) =>
    Object.assign(change, {
      file,
      line: source.slice(0, change.start).split("\n").length,
      shown: `${oneLine(source.slice(change.start, change.end))} -> ${oneLine(change.text)}`,
      within: innermost(bodies, change)?.start,
    }),
  );
}

export const mutated = (source: string, { start, end, text }: Change): string =>
  source.slice(0, start) + text + source.slice(end);

/** The source with a call of `hit` at the start of every function, so that a run tells which of them it reached. */
export function recording(source: string, name: (body: number) => string): string {
  const calls = functionBodies(syntaxOf(source)).flatMap(({ type, start, end }) => {
    const call = `globalThis.mutantHit?.(${JSON.stringify(name(start))})`;
    if (type === "BlockStatement") return [{ at: start + 1, order: 0, text: `${call};` }];
    return [
      { at: start, order: start, text: `(${call}, ` },
      { at: end, order: -start, text: ")" },
    ];
  });
  const inOrder = calls.toSorted((a, b) => a.at - b.at || a.order - b.order);
  let [result, from] = ["", 0];
  for (const { at, text } of inOrder) {
    result += source.slice(from, at) + text;
    from = at;
  }
  return result + source.slice(from);
}

// Bodies come from outside in; a body that is changed as a whole is its own.
const innermost = (bodies: readonly Syntax[], { start, end }: Change): Syntax | undefined =>
  bodies.findLast((body) => body.start <= start && end <= body.end);

const oneLine = (text: string): string => {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > 70 ? `${line.slice(0, 67)}...` : line;
};
