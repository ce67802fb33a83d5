import { parseAst } from "vitest/node";

/** A node of the syntax tree, as far as it is read here. */
export interface Syntax {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export const syntaxOf = (source: string): Syntax => parseAst(source, { lang: "ts" }) as unknown as Syntax;

export const isSyntax = (value: unknown): value is Syntax =>
  typeof value === "object" && value !== null && "type" in value && "start" in value;

/** What stands below a node, in the order of the source. */
export const partsOf = (node: Syntax): readonly Syntax[] =>
  Object.entries(node)
    .filter(([key]) => key !== "parent")
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]))
    .filter(isSyntax);

export const part = (node: Syntax, key: string): Syntax | undefined => {
  const value = node[key];
  return isSyntax(value) ? value : undefined;
};

export const isFunction = ({ type }: Syntax): boolean =>
  ["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"].includes(type);

/** The body of every function of a source. */
export function functionBodies(tree: Syntax): readonly Syntax[] {
  const own = isFunction(tree) ? part(tree, "body") : undefined;
  return [...(own === undefined ? [] : [own]), ...partsOf(tree).flatMap(functionBodies)];
}
