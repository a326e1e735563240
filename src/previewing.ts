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

/** The document for the frame. */
export function framed(html: string): string {
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
  const policy = `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`;
  const quiet = '<meta name="referrer" content="no-referrer">';
  const head = policy + quiet + page.head.innerHTML;
  return `<!doctype html><html><head>${head}</head>${page.body.outerHTML}</html>`;
}

/** A reference to a part of the same drawing. */
function isInside(value: string | null): boolean {
  return value !== null && /^#[\w-]+$/.test(value);
}

function isData(element: Element, name: string): boolean {
  return (element.getAttribute(name) ?? '').startsWith('data:image/');
}
