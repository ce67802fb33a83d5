import type { PageConfig } from "next";
import { useTexts } from "../../components/frame.tsx";
import { Notice } from "../../components/notice.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { ShopForm } from "../../components/shop-link.tsx";
import { TextField } from "../../components/text-field.tsx";
import { shopPage } from "../../shop/shop-page.ts";
import { sessionOf } from "../../shop/visitor.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

export const getServerSideProps = shopPage<{ notice: string | null }>(async ({ asked, cookies }) =>
  sessionOf(cookies) === undefined ? { props: { notice: asked("notice") ?? null } } : { goTo: "/account" },
);

export default function RegisterPage({ notice }: { notice: string | null }) {
  const texts = useTexts();
  const empty = { value: "", problem: undefined, required: true };
  return (
    <div className="wrap">
      <PageHead title={texts.register} hidden />
      <div className="narrow">
        <h1>{texts.register}</h1>
        <Notice name={notice} />
        <p>{texts.registerText}</p>
        <ShopForm className="form" action="/api/account/register">
          <div className="pair">
            <TextField {...empty} name="first_name" label={texts.firstName} autoComplete="given-name" />
            <TextField {...empty} name="last_name" label={texts.lastName} autoComplete="family-name" />
          </div>
          <TextField {...empty} name="email" label={texts.email} type="email" autoComplete="username" />
          <TextField
            {...empty}
            name="password"
            label={texts.newPassword}
            type="password"
            autoComplete="new-password"
            minLength={8}
          />
          <button className="button" type="submit">
            {texts.register}
          </button>
        </ShopForm>
      </div>
    </div>
  );
}
