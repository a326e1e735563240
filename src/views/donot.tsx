/**
 * The DO NOT list: pinned above every step, long lists folded to one line.
 */

import * as React from 'react';

import { Glyph } from './glyph';
import { useSurroundings } from './surroundings';

/** The rules; `open` shows them all. */
export function DoNot(props: {
  rules: string[];
  open: boolean;
  children?: React.ReactNode;
}): JSX.Element {
  const { trans } = useSurroundings();
  const [open, setOpen] = React.useState(props.open);
  React.useEffect(() => setOpen(props.open), [props.open]);
  const { rules } = props;
  if (rules.length === 0 && !props.children) {
    return <></>;
  }
  return (
    <section className="jp-Keys-donot" aria-label={trans.__('Do not')}>
      <h2>
        {rules.length > 0 && (
          <button
            type="button"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <Glyph shape="forbidden" size={14} />
            <b>{trans.__('DO NOT')}</b>
            <span>{trans._n('%1 rule', '%1 rules', rules.length)}</span>
          </button>
        )}
        {props.children}
      </h2>
      {open && (
        <ul>
          {rules.map(rule => (
            <li key={rule} title={bare(rule)}>
              {firstSentence(bare(rule))}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** What must not be done, without the reason, which the tooltip has. */
function firstSentence(rule: string): string {
  const end = rule.search(/[.:;](\s|$)/);
  const text = end > 0 ? rule.slice(0, end) : rule;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A rule without its Markdown and without the words the heading has already. */
function bare(rule: string): string {
  return rule
    .replace(/\*\*|`/g, '')
    .replace(/^do not\s*:?\s*/i, '')
    .trim();
}
