/** Ids of the page's own parts, and of its figures and tables without a label: no text may claim them. */
const OWN = /^(content|plotly|(figure|table)-\d+)$/;
/** What labels and equations are called: headings keep clear of them. */
const LABELS = /^(fig|tbl|eq)-/;

/** `The *surface* of $(9)$` → `the-surface-of-9`; a name that the page keeps for itself gets a `section-` in front. */
function slugOf(text: string): string {
  const letters = text.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '');
  const slug = (letters.match(/[\p{L}\p{N}]+/gu) ?? []).join('-');
  return OWN.test(slug) || LABELS.test(slug) ? `section-${slug}` : slug;
}

/** A heading's id, with `-2` and so on when it is taken; from then on it is. */
export function uniqueSlug(text: string, taken: Set<string>): string {
  const base = slugOf(text) || 'section';
  let slug = base;
  for (let n = 2; taken.has(slug); n++) slug = `${base}-${n}`;
  taken.add(slug);
  return slug;
}

/** Whether HTML in the text may give an element this id: the first one that asks for a free one. */
export function claimId(id: string, taken: Set<string>): boolean {
  if (id === '' || OWN.test(id) || taken.has(id)) return false;
  taken.add(id);
  return true;
}

/** The section that a link of Jupyter's names: `#The-surface` is `#the-surface` here. Other targets stay as they are. */
export function sectionOf(id: string, ids: ReadonlySet<string>): string {
  if (ids.has(id)) return id;
  const slug = decodedSlug(id);
  return ids.has(slug) ? slug : id;
}

/** The section of another page that a link of Jupyter's names. Labels, equations and the page's own parts are called alike everywhere. */
export function sectionElsewhere(id: string): string {
  return OWN.test(id) || LABELS.test(id) ? id : decodedSlug(id);
}

function decodedSlug(id: string): string {
  try {
    return slugOf(decodeURIComponent(id));
  } catch {
    return id; // a lone % is no encoding
  }
}
