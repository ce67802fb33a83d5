/**
 * Handlebars' grammar alone, without its compiler and runtime (4.7 types only the whole package).
 * Only the node types a template may hold are described; everything else is refused by its `type`.
 */
declare module "handlebars/dist/cjs/handlebars/compiler/base.js" {
  interface Located {
    readonly loc: { readonly start: { readonly line: number; readonly column: number } };
  }
  export interface Path extends Located {
    readonly type: "PathExpression";
    readonly original: string;
  }
  export interface StringLiteral extends Located {
    readonly type: "StringLiteral";
    readonly value: string;
  }
  export interface NumberLiteral extends Located {
    readonly type: "NumberLiteral";
    readonly value: number;
  }
  export interface OtherLiteral extends Located {
    readonly type: "BooleanLiteral" | "UndefinedLiteral" | "NullLiteral";
  }
  export interface SubExpression extends Located {
    readonly type: "SubExpression";
    readonly path: Expression;
    readonly params: readonly Expression[];
    readonly hash?: Hash;
  }
  export type Expression = Path | StringLiteral | NumberLiteral | OtherLiteral | SubExpression;
  export interface Hash {
    readonly pairs: ReadonlyArray<Located & { readonly key: string; readonly value: Expression }>;
  }
  export interface Content extends Located {
    readonly type: "ContentStatement";
    readonly original: string;
  }
  export interface Mustache extends Located {
    readonly type: "MustacheStatement";
    readonly escaped: boolean;
    readonly path: Expression;
    readonly params: readonly Expression[];
    readonly hash?: Hash;
    readonly strip: { readonly open: boolean; readonly close: boolean };
  }
  export interface Refused extends Located {
    readonly type:
      | "BlockStatement"
      | "PartialStatement"
      | "PartialBlockStatement"
      | "DecoratorBlock"
      | "Decorator"
      | "CommentStatement";
  }
  export type Statement = Content | Mustache | Refused;

  export function parseWithoutProcessing(input: string): { readonly body: readonly Statement[] };
  /** The generated parser; `parseError` is called with where it stood, and must throw. */
  export const parser: {
    parseError(
      message: string,
      at: {
        readonly token: string | null;
        readonly loc?: { readonly first_column: number; readonly last_column: number };
      },
    ): never;
  };
}
