/** Defines MathJax commands that KaTeX lacks. KaTeX's mhchem extension adds `\\ce` separately. */
export const MATHJAX: Readonly<Record<string, string>> = {
  '\\require': '\\@firstoftwo{}{#1}',
  '\\mbox': '\\text{#1}',
  '\\DeclareMathOperator': '\\@ifstar\\declareoperatorwithlimits\\declareoperator',
  '\\declareoperator': '\\gdef#1{\\operatorname{#2}}',
  '\\declareoperatorwithlimits': '\\gdef#1{\\operatorname*{#2}}',
};

const TEXT = /(\\(?:text(?:rm|bf|it|tt|sf|normal|up|md)?|mbox|hbox)\s*\{)([^{}$]*)\}/g;

/** Escapes characters that MathJax shows literally in text mode: `\\text{a_b}`. */
export function withPlainText(tex: string): string {
  return tex.replace(TEXT, (_, command: string, text: string) => {
    const plain = text.replace(/(\\[\s\S])|([_#%&])|\^/g, (found, escaped?: string, mark?: string) => {
      if (escaped !== undefined) return escaped;
      return mark === undefined ? '\\textasciicircum{}' : `\\${found}`;
    });
    return `${command}${plain}}`;
  });
}
