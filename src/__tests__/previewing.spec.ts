import { framed } from '../previewing';

/** The body of the frame's document. */
function body(html: string): HTMLElement {
  return new DOMParser().parseFromString(framed(html), 'text/html').body;
}

describe('framed', () => {
  it('has its policy before anything of the publisher', () => {
    const page = framed('<head><style>p{}</style></head><p>Hello</p>');
    const policy = page.indexOf("default-src 'none'");
    expect(policy).toBeGreaterThan(0);
    expect(policy).toBeLessThan(page.indexOf('<style>'));
    expect(page).toContain('<p>Hello</p>');
  });

  it.each([
    '<script>run()</script>',
    '<iframe src="https://e.example"></iframe>',
    '<meta http-equiv="refresh" content="0;url=https://e.example">',
    '<link rel="preconnect" href="https://e.example">',
    '<base href="https://e.example">',
    '<form action="https://e.example"><button>go</button></form>',
    '<object data="https://e.example"></object>',
    '<embed src="https://e.example">',
    '<img src="https://e.example/x.png">',
    '<img srcset="https://e.example/x.png 2x">',
    '<img src="x" onerror="run(\'e.example\')">',
    '<a href="https://e.example" ping="https://e.example">away</a>',
    '<area href="https://e.example">',
    '<svg><a xlink:href="https://e.example">away</a></svg>',
    '<svg><image href="https://e.example/x.png"/></svg>',
    '<video poster="https://e.example/x.png" src="https://e.example"></video>',
    '<svg><a><set attributeName="href" to="https://e.example"/>x</a></svg>',
    '<body background="https://e.example/x.png">',
    '<p onclick="run(\'e.example\')">x</p>',
    '<template><img src="https://e.example"></template>',
    '<noscript><img src="https://e.example"></noscript>'
  ])('leaves nothing of %s that leads out', html => {
    const page = framed(html);
    expect(page).not.toContain('e.example');
    expect(page).not.toContain('run(');
  });

  it('keeps pictures that the text itself carries, and parts of drawings', () => {
    const picture = 'data:image/png;base64,AAAA';
    expect(body(`<img src="${picture}">`).querySelector('img')?.src).toBe(
      picture
    );
    const drawing = body('<svg><use href="#line"></use></svg>');
    expect(drawing.querySelector('use')?.getAttribute('href')).toBe('#line');
  });
});
