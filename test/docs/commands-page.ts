import { PassThrough } from 'node:stream';
import type { Command, Option } from 'commander';
import { createProgram } from '../../src/cli';
import { COMMANDS } from '../../src/commands/table';

/** The reference of all commands, from what `--help` says. */
export async function commandsPage(): Promise<string> {
  const io = { env: {}, cwd: '/', now: () => 0, signal: new AbortController().signal, exit: () => undefined };
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const program = await createProgram({ ...io, ...streams }, Object.keys(COMMANDS));
  return [
    '# Reference: commands',
    'Every command prints errors in one line and ends with exit code 0 (done), 1 (the answer is no), 2 (the request cannot\n' +
      'be met) or 130 (interrupted by Ctrl-C). `--debug` before the command prints stack traces. This page is made from what\n' +
      '`--help` prints, by `npx vitest run test/docs/commands.test.ts -u`.',
    ...program.commands.flatMap((command) => section(command, 'gmm-vae', 2)),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

function section(command: Command, parent: string, level: number): string[] {
  const name = `${parent} ${command.name()}`;
  const more = helpAfter(command);
  return [
    `${'#'.repeat(level)} ${name}`,
    wrapped(sentence(command.description())),
    fenced('sh', `${parent} ${command.name()} ${command.usage()}`),
    ...table(
      'argument',
      command.registeredArguments.map((argument) => [argument.name(), argument.description]),
    ),
    ...table(
      'option',
      command.options.filter(({ hidden }) => !hidden).map((option) => [option.flags, meaning(option)]),
    ),
    ...(more === '' ? [] : [fenced('text', more)]),
    ...visible(command).flatMap((child) => section(child, name, level + 1)),
  ];
}

/** `help`, which commander adds, and what only the program calls are left out. */
const visible = (command: Command): Command[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .filter((child) => child.name() !== 'help');

/** What an option means, its choices and its default. */
function meaning({ description, argChoices, defaultValue, defaultValueDescription }: Option): string {
  const choices = argChoices === undefined ? [] : [`one of ${argChoices.map((choice) => `\`${choice}\``).join(', ')}`];
  const value = defaultValueDescription ?? (defaultValue === undefined ? undefined : String(defaultValue));
  const initial = value === undefined || value === 'false' || value === '' ? [] : [`default: \`${value}\``];
  return [description, ...choices, ...initial].join('; ');
}

/** What is printed after the options: notes and an example. */
function helpAfter(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text.replace(command.helpInformation(), '').trim();
}

function table(head: string, rows: readonly (readonly [string, string])[]): string[] {
  if (rows.length === 0) return [];
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
  return [
    [
      `| ${head} | |`,
      '| --- | --- |',
      ...rows.map(([name, text]) => `| \`${name.replaceAll('|', '\\|')}\` | ${cell(text)} |`),
    ].join('\n'),
  ];
}

const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function wrapped(text: string): string {
  return text.replace(/(.{1,118})(?: |$)/g, '$1\n').trim();
}
