import type { PageConfig } from "next";
import { PageHead } from "../../components/page-head.tsx";
import { shopPage } from "../../shop/shop-page.ts";
import { listCategories } from "../../store/catalogue.ts";
import { TEXT_PAGES, type TextPage } from "../../text-pages/default-pages.ts";
import { findTextPage } from "../../text-pages/from-categories.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

export const getServerSideProps = shopPage<{ page: TextPage }>(async ({ asked, language }) => {
  const name = TEXT_PAGES.find((known) => known === asked("name"));
  if (name === undefined) return { notFound: true };
  return { props: { page: findTextPage(name, await listCategories(), language) } };
});

export default function TextPageView({ page }: { page: TextPage }) {
  const blocks = page.text.split(/\n\s*\n/).flatMap(linesOfBlock);
  return (
    <article className="wrap text-page">
      <PageHead title={page.title} />
      <h1>{page.title}</h1>
      {blocks.map(({ key, heading, lines }) =>
        heading ? (
          <h2 key={key}>{heading}</h2>
        ) : (
          <p key={key}>
            {lines.map((line) => (
              <span key={line}>{line}</span>
            ))}
          </p>
        ),
      )}
    </article>
  );
}

interface Block {
  readonly key: string;
  readonly heading?: string;
  readonly lines: readonly string[];
}

function linesOfBlock(block: string, index: number): readonly Block[] {
  const lines = block.trim().split("\n");
  const [first = "", ...rest] = lines;
  if (!first.startsWith("## ")) return [{ key: `${index}`, lines }];
  const below = rest.length === 0 ? [] : [{ key: `${index} text`, lines: rest }];
  return [{ key: `${index} heading`, heading: first.slice(3), lines: [] }, ...below];
}
