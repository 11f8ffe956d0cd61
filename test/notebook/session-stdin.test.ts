import { describe, expect, it } from 'vitest';
import { startSession, traceback } from './session-fixture';

const under = startSession();

/** A person who gives these answers, and the questions that came. */
function person(...answers: (string | null)[]): {
  asked: string[];
  onInput: (prompt: string) => Promise<string | null>;
} {
  const asked: string[] = [];
  return {
    asked,
    onInput: async (prompt) => {
      asked.push(prompt);
      return answers.shift() ?? null;
    },
  };
}

async function shown(source: string, answering: ReturnType<typeof person>): Promise<string> {
  const { reply, outputs } = await under.run(source, { onInput: answering.onInput });
  if (reply.status === 'error') return `${reply.ename}: ${reply.evalue}`;
  return outputs
    .map((output) => {
      if (output.type === 'stream') return output.text;
      return output.type === 'execute_result' ? String(output.data['text/plain']) : '';
    })
    .join('');
}

const OPEN =
  "import { createInterface } from 'node:readline/promises';\nconst rl = createInterface({ input: process.stdin, output: process.stdout });\n";

describe('a question of readline', () => {
  it('reaches the person, and its answer the cell; nothing is asked ahead', async () => {
    const ada = person('Ada', 'Lovelace', 'too much');
    expect(await shown(`${OPEN}const name = await rl.question('Name? ');\nname`, ada)).toBe("'Ada'");
    expect(ada.asked).toEqual(['Name? ']);
    expect(await shown('await new Promise((next) => setTimeout(next, 50)); 1', ada)).toBe('1');
    // The interface stays open, and later cells ask through it.
    expect(await shown("const last = await rl.question('Last? '); rl.close(); last", ada)).toBe("'Lovelace'");
    expect(ada.asked).toEqual(['Name? ', 'Last? ']);
  });

  it('is waited for where its answer comes in a callback', async () => {
    const source = `import * as readline from 'node:readline';
const asker = readline.createInterface({ input: process.stdin, output: process.stdout });
asker.question('a? ', (a) => asker.question('b? ', (b) => { console.log(a + b); asker.close(); }));`;
    const both = person('1', '2');
    expect(await shown(source, both)).toBe('12\n');
    expect(both.asked).toEqual(['a? ', 'b? ']);
  });

  it('is an error at once where the front end answers none', async () => {
    const ran = await under.run(`${OPEN}\nawait rl.question('Name? ')`);
    expect(ran.reply).toMatchObject({ status: 'error', evalue: expect.stringContaining('does not answer questions') });
    expect(traceback(ran)).toContain("--> 4 | await rl.question('Name? ')");
  });

  it('can be interrupted, awaited or not, and asked again', async () => {
    for (const source of ["await rl.question('?')", "rl.question('?').then(() => {});"]) {
      let asked = (): void => {};
      const isAsked = new Promise<void>((resolve) => {
        asked = resolve;
      });
      const ran = under.run(OPEN + source, {
        onInput: () => {
          asked();
          return new Promise(() => {});
        },
      });
      await isAsked;
      await under.session.interrupt();
      expect((await ran).reply).toMatchObject({ status: 'error', ename: 'Interrupted' });
    }
    expect(await shown(`${OPEN}const again = await rl.question('?'); rl.close(); again`, person('yes'))).toBe("'yes'");
  });
});

describe('process.stdin', () => {
  it('gives a readline interface line after line until the end', async () => {
    const lines = person('a', 'b', null);
    const source = `import { createInterface } from 'node:readline';
const all: string[] = [];
for await (const line of createInterface({ input: process.stdin })) all.push(line);
all`;
    expect(await shown(source, lines)).toBe("[ 'a', 'b' ]");
    expect(lines.asked).toEqual(['', '', '']);
  });

  it('is read as a stream, in callbacks and in loops', async () => {
    const source =
      "let text = '';\nprocess.stdin.setEncoding('utf8').on('data', (t) => { text += t; }).on('end', () => console.log(JSON.stringify(text)));\nvoid 0;";
    expect(await shown(source, person('x', 'σ', null))).toBe('"x\\nσ\\n"\n');
    expect(
      await shown(
        "const parts = []; for await (const part of process.stdin) parts.push(String(part)); parts.join('')",
        person('y', null),
      ),
    ).toBe("'y\\n'");
  });

  it('is an error at once where the front end answers none, also without a promise', async () => {
    for (const source of [
      'for await (const part of process.stdin) { console.log(part); }',
      "process.stdin.on('data', () => {});",
    ]) {
      const { reply } = await under.run(source);
      expect(reply).toMatchObject({ status: 'error', evalue: expect.stringContaining('does not answer questions') });
    }
  });

  it('asks nothing of anybody who only looks at it', async () => {
    const nobody = person();
    expect(await shown('process.stdin.isTTY ?? null', nobody)).toBe('null');
    expect(
      await shown("import * as r from 'node:readline'; const idle = r.createInterface(process.stdin); 1", nobody),
    ).toBe('1');
    expect(nobody.asked).toEqual([]);
  });
});
