import type { PageConfig } from "next";
import { useTexts } from "../../components/frame.tsx";
import { Notice } from "../../components/notice.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { ShopForm, ShopLink } from "../../components/shop-link.tsx";
import { TextField } from "../../components/text-field.tsx";
import { shopPage } from "../../shop/shop-page.ts";
import { sessionOf } from "../../shop/visitor.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

export const getServerSideProps = shopPage<{ notice: string | null }>(async ({ asked, cookies }) =>
  sessionOf(cookies) === undefined
    ? { goTo: "/account?notice=login-first" }
    : { props: { notice: asked("notice") ?? null } },
);

export default function DeleteAccountPage({ notice }: { notice: string | null }) {
  const texts = useTexts();
  return (
    <div className="wrap">
      <PageHead title={texts.deleteAccount} hidden />
      <div className="narrow">
        <h1>{texts.deleteAccount}</h1>
        <Notice name={notice} />
        <p>{texts.deleteAccountText}</p>
        <ShopForm className="form" action="/api/account/delete">
          <TextField
            name="password"
            label={texts.password}
            type="password"
            value=""
            problem={undefined}
            required
            autoComplete="current-password"
          />
          <button className="button" type="submit">
            {texts.deleteForGood}
          </button>
          <ShopLink href="/account">{texts.keepAccount}</ShopLink>
        </ShopForm>
      </div>
    </div>
  );
}
