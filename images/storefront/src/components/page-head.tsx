import Head from "next/head";
import { DEFAULT_LANGUAGE, LANGUAGES, LOCALES, localPath } from "../language/language.ts";
import { settings } from "../settings.ts";
import { pictureUrl } from "../shop/picture.ts";
import { useFrame } from "./frame.tsx";

interface PageHeadProps {
  /** Undefined on the front page, which has the shop's own. */
  readonly title?: string;
  readonly description?: string;
  readonly picture?: string | null;
  readonly type?: "website" | "product";
  /** Kept of the query in the page's one true address. */
  readonly query?: string;
  /** A page of one visitor, of no use to a search engine. */
  readonly hidden?: boolean;
}

export function PageHead({ title, description, picture, type = "website", query = "", hidden = false }: PageHeadProps) {
  const { title: shop, language, path } = useFrame();
  const { shopUrl, mediaUrl } = settings();
  const address = (to: (typeof LANGUAGES)[number]) => `${shopUrl}${localPath(to, path)}${query}`;
  return (
    <Head>
      {title === undefined ? null : <title>{`${title} · ${shop}`}</title>}
      {description === undefined ? null : <meta key="description" name="description" content={description} />}
      {hidden ? <meta key="robots" name="robots" content="noindex" /> : null}
      {hidden ? null : <link key="canonical" rel="canonical" href={address(language)} />}
      {hidden
        ? null
        : LANGUAGES.map((each) => <link key={each} rel="alternate" hrefLang={each} href={address(each)} />)}
      {hidden ? null : <link key="x" rel="alternate" hrefLang="x-default" href={address(DEFAULT_LANGUAGE)} />}
      {hidden ? null : <meta key="og:url" property="og:url" content={address(language)} />}
      <meta key="og:title" property="og:title" content={title ?? shop} />
      <meta key="og:type" property="og:type" content={type} />
      <meta key="og:site" property="og:site_name" content={shop} />
      <meta key="og:locale" property="og:locale" content={LOCALES[language].replace("-", "_")} />
      {description ? <meta key="og:description" property="og:description" content={description} /> : null}
      {picture ? <meta key="og:image" property="og:image" content={pictureUrl(picture, mediaUrl)} /> : null}
    </Head>
  );
}
