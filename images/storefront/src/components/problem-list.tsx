import { say } from "../language/say.ts";
import type { Problems } from "../shop/address-form.ts";
import { useTexts } from "./frame.tsx";

/** All that is wrong with a form, each a link to its field. */
export function ProblemList({ problems }: { problems: Problems<string> }) {
  const texts = useTexts();
  const listed = Object.entries(problems);
  if (listed.length === 0) return null;
  return (
    <div className="notice notice-bad" role="alert">
      <p>{listed.length === 1 ? texts.checkOne : say(texts.checkMany, { count: listed.length })}</p>
      <ul>
        {listed.map(([name, problem]) => (
          <li key={name}>
            <a href={`#${name}`}>{problem === undefined ? name : texts[problem]}</a>
          </li>
        ))}
      </ul>
    </div>
  );
}
