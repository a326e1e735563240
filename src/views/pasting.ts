/**
 * Pasting a text of several lines, such as an alert, into a field of one line.
 */

import type * as React from 'react';

/** Take a text of several lines as one; some browsers glue the words at its breaks together. */
export function pasteAsOneLine(
  event: React.ClipboardEvent<HTMLInputElement>,
  take: (text: string) => void
): void {
  const text = event.clipboardData.getData('text/plain');
  if (!/[\r\n]/.test(text)) {
    return;
  }
  event.preventDefault();
  const { value, selectionStart, selectionEnd } = event.currentTarget;
  const before = value.slice(0, selectionStart ?? value.length);
  const after = value.slice(selectionEnd ?? value.length);
  take(before + text.replace(/\s+/g, ' ').trim() + after);
}
