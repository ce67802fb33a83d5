import { LANGUAGES, type Language, localPath } from "../language/language.ts";
import { DEFAULT_PAGES, TEXT_PAGES } from "../text-pages/default-pages.ts";
import { useFrame, useTexts } from "./frame.tsx";
import { ShopLink } from "./shop-link.tsx";

const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", fr: "Français" };

export function SiteFooter() {
  const { title, language } = useFrame();
  const texts = useTexts();
  return (
    <footer className="site-footer">
      <div className="wrap">
        <p>
          <strong>{title}</strong>
          <br />
          {texts.about}
          <br />
          {texts.vat}
          <br />
          {texts.deliveryAdded}
        </p>
        <nav aria-label={texts.helpNav}>
          <ul>
            {TEXT_PAGES.map((name) => (
              <li key={name}>
                <ShopLink href={`/pages/${name}`}>{DEFAULT_PAGES[language][name].title}</ShopLink>
              </li>
            ))}
          </ul>
        </nav>
        <LanguageLinks />
      </div>
    </footer>
  );
}

function LanguageLinks() {
  const { language, path } = useFrame();
  return (
    <nav aria-label={useTexts().languageNav}>
      <ul>
        {LANGUAGES.map((each) => (
          <li key={each}>
            <a href={localPath(each, path)} lang={each} hrefLang={each} aria-current={each === language}>
              {LANGUAGE_NAMES[each]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
