/**
 * A runbook's command as a line that may stand on a terminal's prompt.
 *
 * What a shell makes of it is decided by the person who presses Enter.
 */

/** Why a text may not be put on a prompt. */
export type LineProblem = 'empty' | 'lines' | 'control';

/** The most characters a prompt is given. */
const LONGEST = 8000;

// Ends of lines in every form that a terminal or an editor knows.
const LINE_ENDS = /[\n\r\u0085\u2028\u2029]/;

// Cf holds the invisible ones: marks that turn the writing around, and joiners of no width.
const HIDDEN = /[\p{Cc}\p{Cf}]/u;

/** What a shell takes as it is, quoted or not. */
const PLAIN = /^[\p{L}\p{N}_.,:/@%+=-]*$/u;

/** Why a text may not be put on a prompt; null when it may. */
export function lineProblem(text: string): LineProblem | null {
  if (text.trim() === '') {
    return 'empty';
  }
  if (LINE_ENDS.test(text)) {
    return 'lines';
  }
  return HIDDEN.test(text) || text.length > LONGEST ? 'control' : null;
}

/** The placeholders of a command, each once, in order. */
export function placeholdersOf(names: ReadonlyArray<string>): string[] {
  return [...new Set(names)];
}

/** The name of a placeholder without its brackets. */
export function bareName(placeholder: string): string {
  return placeholder.replace(/^[<{[$]+|[>}\]]+$/g, '');
}

/** Fill a command in; a value that looks like a placeholder is not filled in again. */
export function filledIn(
  text: string,
  values: { [placeholder: string]: string }
): string {
  const names = Object.keys(values).filter(name => name !== '');
  if (names.length === 0) {
    return text;
  }
  const longestFirst = names.sort((a, b) => b.length - a.length);
  const any = new RegExp(longestFirst.map(escaped).join('|'), 'g');
  return text.replace(any, name => values[name]);
}

/** Whether a value holds no character that a shell acts on. */
export function isPlain(value: string): boolean {
  return PLAIN.test(value);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
