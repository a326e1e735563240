/**
 * A publisher's preview made fit for a frame that can neither run, nor ask, nor lead anywhere.
 *
 * The frame has no rights at all; what is taken out here is what a frame without rights could still do.
 */

/** Nothing may be asked for; what the text itself carries may be shown. */
const POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; " +
  "form-action 'none'; base-uri 'none'";

/** Elements that act, ask or lead elsewhere. */
const REFUSED =
  'script, iframe, frame, frameset, object, embed, applet, portal, fencedframe, base, link, meta, form, noscript, template, animate, set';

/** Attributes that lead elsewhere or act. */
const LEADING =
  /^(on.*|href|xlink:href|action|formaction|target|ping|background|srcset|srcdoc|poster|data|codebase|cite|longdesc|manifest|http-equiv)$/i;

/** How often it is read before it is given up: honest documents are the same from the first time on. */
const READINGS = 5;

/** The document for the frame. */
export function framed(html: string): string {
  let [head, body] = cleaned(html);
  for (let left = READINGS; ; left--) {
    // The frame reads what was written here, and may read another document than was read from the publisher's.
    const [nextHead, nextBody] = cleaned(`<head>${head}</head>${body}`);
    if (nextHead === head && nextBody === body) {
      break;
    }
    [head, body] = left ? [nextHead, nextBody] : ['', ''];
  }
  const policy = `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`;
  const quiet = '<meta name="referrer" content="no-referrer">';
  return `<!doctype html><html><head>${policy}${quiet}${head}</head>${body}</html>`;
}

function cleaned(html: string): [string, string] {
  const page = new DOMParser().parseFromString(html, 'text/html');
  page.querySelectorAll(REFUSED).forEach(element => element.remove());
  page.querySelectorAll('*').forEach(element => {
    for (const name of element.getAttributeNames()) {
      if (LEADING.test(name) && !isInside(element.getAttribute(name))) {
        element.removeAttribute(name);
      } else if (name.toLowerCase() === 'src' && !isData(element, name)) {
        element.removeAttribute(name);
      }
    }
  });
  // A set of frames stands where a body does, and was taken out.
  return [page.head.innerHTML, page.body?.outerHTML ?? ''];
}

/** A reference to a part of the same drawing. */
function isInside(value: string | null): boolean {
  return value !== null && /^#[\w-]+$/.test(value);
}

function isData(element: Element, name: string): boolean {
  return (element.getAttribute(name) ?? '').startsWith('data:image/');
}
