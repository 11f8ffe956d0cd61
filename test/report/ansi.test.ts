import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ansiWriter, cutBefore, printed } from '../../src/report/ansi';

const ansiToHtml = (text: string): string => ansiWriter()(printed(text)).source;

/** `[31m` as a terminal gets it. */
const sgr = (codes: string): string => `\u001b[${codes}m`;

describe('colours', () => {
  it.each([
    ['31', 'ansi-1'],
    ['91;1', 'ansi-1 ansi-bold'],
    ['38;5;1', 'ansi-1'],
    ['38;5;9', 'ansi-1'],
    ['38;5;31', 'ansi-6'],
    ['38;5;28', 'ansi-2'],
    ['38;5;245', 'ansi-7'],
    ['1;38;2;0;0;0', 'ansi-7 ansi-bold'],
    ['38;2;255;165;0;4', 'ansi-3 ansi-underline'],
    ['38:2::0:0:255', 'ansi-4'],
    ['38:2:0:0:255', 'ansi-4'],
    ['38:5:2', 'ansi-2'],
    ['48;5;39', 'ansi-on-6'],
    ['31;43', 'ansi-on-3 ansi-1'],
    ['103;3', 'ansi-on-3 ansi-italic'],
    ['32;7', 'ansi-on-2'],
  ])('%s are %s', (codes, classes) => {
    expect(ansiToHtml(`${sgr(codes)}x${sgr('')}y`)).toBe(`<span class="${classes}">x</span>y`);
  });

  it.each(['0', '', '39;22', '49;39;22;23;24;27', '999', '38;5', '38', '38;2;1'])(
    '%s ends without leaving any',
    (codes) => {
      expect(ansiToHtml(`${sgr('1;31')}${sgr('0')}${sgr(codes)}${sgr('0')}x`)).toBe('x');
    },
  );

  it('last until they are changed, over pieces too', () => {
    const writer = ansiWriter();
    const write = (text: string): string => writer(text).source;
    expect([write(`a${sgr('31')}b`), write('c'), write(`${sgr('39')}d`)]).toEqual([
      'a<span class="ansi-1">b</span>',
      '<span class="ansi-1">c</span>',
      'd',
    ]);
  });
});

describe('what else a terminal is sent', () => {
  it.each([
    ['a link ended by ST', '\u001b]8;;https://x\u001b\\link\u001b]8;;\u001b\\ and \u0007more', 'link and more'],
    ['a link ended by BEL', '\u001b]8;;https://x\u0007link\u001b]8;;\u0007', 'link'],
    ['a title', '\u001b]0;title\u0007x', 'x'],
    ['moves and modes', '\u001b[2K\u001b[?25l\u001b[1;2Hx\u001b[3M\u001b[1 q\u001b7\u001b(B\u001b=', 'x'],
    ['steps back', '1%\b\b50%\b\b\b100%', '100%'],
    ['carriage returns', '10%\r50%\r100%\nnext\r\n', '100%\nnext\n'],
    ['control characters', 'a\u0000b\u0007\u000c\u009bc\td', 'abc\td'],
    ['half a sequence', 'a\u001b[31', 'a[31'],
    ['half a link', 'a\u001b]8;;https://x', 'a'],
  ])('%s leave their text alone', (_, text, html) => {
    expect(ansiToHtml(text)).toBe(html);
  });

  it('never reaches the page, whatever is sent and wherever it is cut', () => {
    const pieces = fc.constantFrom(
      ...['\u001b', '[', ']', '8;;', '31', ';', ':', 'm', '\u0007', '\u001b\\', '\b', '\r', '\n', 'a', '😀', '<'],
      ...[sgr('1'), sgr('38;5;1'), sgr('48:2::1:2:3'), '\u0000', 'P', '_'],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 16 }), fc.nat(40), (parts, at) => {
        const text = printed(parts.join(''));
        const cut = cutBefore(text, Math.min(at, text.length));
        const writer = ansiWriter();
        const write = (part: string): string => writer(part).source;
        const html = write(text.slice(0, cut)) + write(text.slice(cut));
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
        expect(html).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
        expect(html).not.toMatch(/\p{Surrogate}/u);
        expect(html.replace(/<\/span><span[^>]*>|<[^>]*>/g, '')).toBe(ansiToHtml(text).replace(/<[^>]*>/g, ''));
      }),
      { numRuns: 3_000, seed: 7 },
    );
  });
});
