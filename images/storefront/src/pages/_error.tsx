import type { NextPageContext, PageConfig } from "next";
import { useTexts } from "../components/frame.tsx";
import { Message } from "../components/message.tsx";
import { PageHead } from "../components/page-head.tsx";
import { languageOf } from "../language/language.ts";
import { type FramedProps, frameOf } from "../shop/shop-page.ts";

export const config: PageConfig = { unstable_runtimeJS: false };

interface ErrorProps {
  readonly status: number;
}

/** For 404 and for what nobody foresaw. Made at each request, because the shop's title is not known at build. */
export default function ErrorPage({ status }: ErrorProps) {
  const texts = useTexts();
  return status === 404 ? (
    <>
      <PageHead title={texts.lostHead} hidden />
      <Message title={texts.lostTitle} way={{ href: "/", text: texts.seeAll }}>
        {texts.lost}
      </Message>
    </>
  ) : (
    <>
      <PageHead title={texts.brokenTitle} hidden />
      <Message title={texts.brokenTitle} way={{ href: "", text: texts.tryAgain }}>
        {texts.broken}
      </Message>
    </>
  );
}

ErrorPage.getInitialProps = async ({ req, res, err, locale }: NextPageContext): Promise<FramedProps<ErrorProps>> => {
  const cookies = (req as { cookies?: Record<string, string> } | undefined)?.cookies ?? {};
  // Not the path that was asked for: in the other language it leads nowhere either.
  const frame = await frameOf(cookies, languageOf(locale), "/");
  return { frame, page: { status: res?.statusCode ?? err?.statusCode ?? 500 } };
};
