// Upgrades notebooks of formats 2 and 3 (IPython until 2015) in memory. Follows nbformat's own converter.

type Json = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const recordOf = (value: unknown): Json => (isRecord(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Upgrades a notebook of format 2 or 3 to format 4. Returns anything else unchanged, for the checks that follow. */
export function upgraded(value: unknown): unknown {
  if (!isRecord(value) || (value.nbformat !== 3 && value.nbformat !== 2)) return value;
  const metadata = recordOf(value.metadata);
  const { name, ...others } = metadata;
  const title = typeof name === 'string' && name !== '' ? { title: name } : {};
  const cells = listOf(value.worksheets).flatMap((sheet) => listOf(recordOf(sheet).cells));
  const languages = new Set(cells.flatMap((cell) => recordOf(cell).language ?? []));
  const [language] = languages;
  const info = typeof language === 'string' && languages.size === 1 ? { language_info: { name: language } } : {};
  return {
    nbformat: 4,
    nbformat_minor: 4,
    metadata: { ...info, ...title, ...others },
    cells: cells.map((cell) => upgradedCell(recordOf(cell))),
  };
}

function upgradedCell(cell: Json): Json {
  const metadata = recordOf(cell.metadata);
  switch (cell.cell_type) {
    case 'code':
      return {
        cell_type: 'code',
        metadata: cell.collapsed === true ? { ...metadata, collapsed: true } : metadata,
        source: cell.input ?? '',
        execution_count: typeof cell.prompt_number === 'number' ? cell.prompt_number : null,
        outputs: listOf(cell.outputs).map((output) => upgradedOutput(recordOf(output))),
      };
    case 'heading': {
      const level = Math.max(1, Math.min(6, Number(cell.level) || 1));
      return { cell_type: 'markdown', metadata, source: `${'#'.repeat(level)} ${oneLine(cell.source)}` };
    }
    // Markdown may hold HTML.
    case 'html':
    case 'markdown':
      return { cell_type: 'markdown', metadata, source: cell.source ?? '' };
    case 'text':
    case 'raw':
      return { cell_type: 'raw', metadata, source: cell.source ?? '' };
    default:
      return cell;
  }
}

const oneLine = (source: unknown): string =>
  [source]
    .flat()
    .join('')
    .trim()
    .replace(/\s*\n\s*/g, ' ');

/** MIME types of the short names in old outputs. */
const TYPES: Readonly<Record<string, string>> = {
  text: 'text/plain',
  html: 'text/html',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpeg: 'image/jpeg',
  latex: 'text/latex',
  json: 'application/json',
  javascript: 'application/javascript',
  pdf: 'application/pdf',
};

function upgradedOutput(output: Json): Json {
  const { output_type: type } = output;
  if (type === 'stream')
    return { output_type: 'stream', name: output.stream === 'stderr' ? 'stderr' : 'stdout', text: output.text ?? '' };
  if (type === 'pyerr')
    return {
      output_type: 'error',
      ename: output.ename ?? '',
      evalue: output.evalue ?? '',
      traceback: output.traceback ?? [],
    };
  if (type !== 'pyout' && type !== 'display_data') return output;
  const { output_type: _type, prompt_number: _count, metadata, ...parts } = output;
  const shared = { data: parsed(byType(parts)), metadata: byType(recordOf(metadata)) };
  const count = typeof output.prompt_number === 'number' ? output.prompt_number : null;
  return type === 'pyout'
    ? { output_type: 'execute_result', execution_count: count, ...shared }
    : { output_type: type, ...shared };
}

/** Parts of an output, or what is said of them, by MIME types. A type of its own has its whole name already. */
const byType = (parts: Json): Json =>
  Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [Object.hasOwn(TYPES, name) ? TYPES[name] : name, part]),
  );

/** JSON was written as text. */
function parsed(data: Json): Json {
  const { 'application/json': json, ...others } = data;
  if (json === undefined) return data;
  try {
    return { ...others, 'application/json': JSON.parse([json].flat().join('')) as unknown };
  } catch {
    return data;
  }
}
