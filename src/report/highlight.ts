import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import typescript from 'highlight.js/lib/languages/typescript';
import { type Html, html, verbatim } from './markup';

const LANGUAGES = { bash, javascript, json, python, typescript };
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);

/** Code → HTML spans; a language that is not known is shown plain. */
export function highlightCode(code: string, language: string): Html {
  if (!hljs.getLanguage(language)) return html`${code}`;
  return verbatim(hljs.highlight(code, { language, ignoreIllegals: true }).value);
}
