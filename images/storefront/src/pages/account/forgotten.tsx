import type { PageConfig } from "next";
import { useFrame, useLanguage, useTexts } from "../../components/frame.tsx";
import { Notice } from "../../components/notice.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { ShopForm, ShopLink } from "../../components/shop-link.tsx";
import { TextField } from "../../components/text-field.tsx";
import { shopPage } from "../../shop/shop-page.ts";
import { DEFAULT_PAGES } from "../../text-pages/default-pages.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

export const getServerSideProps = shopPage<{ notice: string | null }>(async ({ asked }) => ({
  props: { notice: asked("notice") ?? null },
}));

export default function ForgottenPage({ notice }: { notice: string | null }) {
  const texts = useTexts();
  const { sendsMail } = useFrame();
  return (
    <div className="wrap">
      <PageHead title={texts.forgotten} hidden />
      <div className="narrow">
        <h1>{texts.forgotten}</h1>
        <Notice name={notice} />
        {sendsMail ? <AskByMail /> : <AskInPerson />}
      </div>
    </div>
  );
}

function AskByMail() {
  const texts = useTexts();
  const empty = { value: "", problem: undefined, required: true };
  return (
    <>
      <p>{texts.forgottenMailText}</p>
      <ShopForm className="form" action="/api/account/forgotten">
        <TextField {...empty} name="email" label={texts.email} type="email" autoComplete="username" />
        <button className="button" type="submit">
          {texts.resetSend}
        </button>
      </ShopForm>
    </>
  );
}

/** Where no mail is sent, none may be promised. */
function AskInPerson() {
  const texts = useTexts();
  const language = useLanguage();
  return (
    <>
      <p>{texts.forgottenText}</p>
      <p>
        <ShopLink className="button" href="/pages/contact">
          {DEFAULT_PAGES[language].contact.title}
        </ShopLink>
      </p>
    </>
  );
}
