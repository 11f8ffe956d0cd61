import type { IOptions } from 'sanitize-html';

const words = (text: string): string[] => text.split(' ');

/** Elements that only mark up text. */
const MARKUP = words(
  'table caption thead tbody tfoot tr th td p div span b i em strong small sub sup code pre ul ol li dl dt dd h3 h4 h5 h6 a figure figcaption br hr img',
);
/** Beyond these, what people write into text. */
const PROSE = words(
  'h1 h2 details summary kbd mark center font u s del ins abbr cite dfn q samp var big tt blockquote section wbr colgroup col',
);
/** Drawing without fonts, animation and titles, which parsers read in two ways. Parsers of HTML write small letters. */
const DRAWING = words(
  'svg foreignobject g path rect circle ellipse line polyline polygon text tspan defs lineargradient radialgradient stop clippath mask pattern marker symbol use',
);
const CONTROLS = words('button label fieldset legend meter progress article aside header footer main nav style');

const MARKUP_ATTRIBUTES = words('class scope colspan rowspan title lang dir style href src alt width height');
const PROSE_ATTRIBUTES = words('id color align valign border open start target rel role');
const DRAWING_ATTRIBUTES = words(
  'viewbox x y x1 y1 x2 y2 cx cy r rx ry fx fy d points transform fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray stroke-linecap stroke-linejoin stroke-miterlimit opacity offset stop-color stop-opacity gradientunits gradienttransform clip-path clippathunits mask marker-start marker-mid marker-end markerwidth markerheight refx refy orient text-anchor dominant-baseline font-family font-size font-weight font-style dx dy preserveaspectratio xlink:href value max min',
);

const COLOUR = '\\b(?:rgb|hsl)a?\\([\\d\\s.,%/]*\\)';
/** No value loads anything, and no length is negative: it would move an element over its neighbours. */
const VALUE = new RegExp(`^(?!(?:.*[\\s,])?-)(?:[\\w\\s.%#,/-]|${COLOUR})+$`);
const sides = (name: string): string[] => [name, ...words('top right bottom left').map((side) => `${name}-${side}`)];
/** Properties that leave an element in its place. */
const PROPERTIES = [
  ...words(
    'color background background-color opacity image-rendering line-height letter-spacing white-space vertical-align',
  ),
  ...words(
    'text-align text-decoration text-indent text-transform text-overflow font font-family font-size font-style font-weight',
  ),
  ...words(
    'font-variant width height min-width min-height max-width max-height display float clear overflow overflow-x overflow-y',
  ),
  ...words('list-style list-style-type flex flex-direction flex-wrap gap align-items justify-content border-collapse'),
  ...words('border-radius border-color border-style border-width border-spacing'),
  ...['margin', 'padding', 'border'].flatMap(sides),
];

const LINKS = {
  allowedSchemes: ['http', 'https', 'mailto', 'ftp', 'tel'],
  allowedSchemesByTag: { img: ['data'] },
  allowedSchemesAppliedToAttributes: ['href', 'src', 'xlink:href'],
  allowProtocolRelative: true,
} satisfies IOptions;

/** What stays, by where it stands. */
export type Policy = Required<Pick<IOptions, 'allowedTags' | 'allowedAttributes'>> & IOptions;

const LOOKS = { '*': Object.fromEntries(PROPERTIES.map((name) => [name, [VALUE]])) };
const ESCAPING = { disallowedTagsMode: 'escape', preserveEscapedAttributes: true } as const;

/** An output among the page's own elements. */
export const OUTPUT: Policy = {
  ...{
    ...LINKS,
    ...ESCAPING,
    allowedTags: MARKUP,
    allowedAttributes: { '*': MARKUP_ATTRIBUTES },
    allowedStyles: LOOKS,
  },
};

/** HTML in the text of a notebook: the tags that are not known are shown as they are written. */
export const TEXT: Policy = {
  ...OUTPUT,
  allowedTags: [...MARKUP, ...PROSE],
  allowedAttributes: { '*': [...MARKUP_ATTRIBUTES, ...PROSE_ATTRIBUTES] },
};

/** An output in a frame of its own, before the reader lets its scripts run: it may have styles and drawings. */
export const FRAME: Policy = {
  ...LINKS,
  disallowedTagsMode: 'discard',
  // Their content is no text for a reader.
  nonTextTags: ['script', 'style', 'title', 'template'],
  // The frame shares nothing with the page, and its policy lets nothing in: see withoutLoadingStyles.
  allowVulnerableTags: true,
  allowedTags: [...MARKUP, ...PROSE, ...DRAWING, ...CONTROLS],
  allowedAttributes: {
    '*': [...MARKUP_ATTRIBUTES, ...PROSE_ATTRIBUTES, ...DRAWING_ATTRIBUTES, 'data-*', 'aria-*', 'role'],
  },
};

/** All that can be told apart by a parser: what another policy is compared with. */
export const EVERYTHING: IOptions = {
  ...ESCAPING,
  allowedTags: false,
  allowedAttributes: false,
  allowedSchemesAppliedToAttributes: [],
  allowVulnerableTags: true,
};
