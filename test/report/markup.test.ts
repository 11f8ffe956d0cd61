import { describe, expect, it } from 'vitest';
import { html, verbatim } from '../../src/report/markup';

describe('the html template', () => {
  it('escapes text where it enters, in elements and in attributes, and lets HTML stand', () => {
    const text = '"><script>alert(1)</script>&';
    expect(html`<img alt="${text}">${text}`.source).toBe(
      '<img alt="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;">&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;',
    );
    expect(html`<p>${html`<b>${'<'}</b>`}${verbatim('<i>x</i>')}</p>`.source).toBe('<p><b>&lt;</b><i>x</i></p>');
  });

  it('joins lists, and writes nothing for what is left out', () => {
    expect(html`${['<', html`<br>`, 2]}${undefined}${false}`.source).toBe('&lt;<br>2');
  });

  it('takes no text for HTML that only looks like one of its own objects', () => {
    const forged = { source: '<script>', toString: () => '<script>' } as unknown as string;
    expect(() => html`${forged}`.source).toThrow();
  });
});
