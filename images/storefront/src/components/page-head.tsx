import Head from "next/head";
import { settings } from "../settings.ts";

interface PageHeadProps {
  readonly title: string;
  readonly description?: string;
  /** A page of one visitor, of no use to a search engine. */
  readonly hidden?: boolean;
}

export function PageHead({ title, description, hidden = false }: PageHeadProps) {
  return (
    <Head>
      <title>{`${title} · ${settings().shopTitle}`}</title>
      {description === undefined ? null : <meta key="description" name="description" content={description} />}
      {hidden ? <meta key="robots" name="robots" content="noindex" /> : null}
    </Head>
  );
}
