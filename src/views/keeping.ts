/**
 * The keyboard's focus is never lost: what had it and is gone leaves it to the title of what is shown.
 */

import * as React from 'react';

/** Keep the focus in a view while what has it comes and goes. */
export function useKeptFocus(view: React.RefObject<HTMLElement>): void {
  React.useEffect(() => {
    const element = view.current;
    if (element === null) {
      return;
    }
    let last: EventTarget | null = null;
    const note = (event: FocusEvent): void => {
      last = event.target;
    };
    const left = (event: FocusEvent): void => {
      if (event.relatedTarget !== null) {
        last = null;
      }
    };
    const observer = new MutationObserver(() => {
      const gone = last instanceof Node && !last.isConnected;
      if (gone && document.activeElement === document.body) {
        const titles = '.jp-Keys-stepTitle, h1';
        const found = Array.from(
          element.querySelectorAll<HTMLElement>(titles)
        ).pop();
        found?.focus();
      }
    });
    observer.observe(element, { childList: true, subtree: true });
    element.addEventListener('focusin', note);
    element.addEventListener('focusout', left);
    return () => {
      observer.disconnect();
      element.removeEventListener('focusin', note);
      element.removeEventListener('focusout', left);
    };
  }, []);
}
