import type { IOptions } from 'sanitize-html';

const words = (text: string): string[] => text.split(' ');

/** Elements that mark up text and do nothing else. */
const MARKUP = words(
  'table caption thead tbody tfoot tr th td p div span b i em strong small sub sup code pre ul ol li dl dt dd h3 h4 h5 h6 a figure figcaption br hr img',
);
/** Further elements that authors write into Markdown. */
const PROSE = words(
  'h1 h2 details summary kbd mark center font u s del ins abbr cite dfn q samp var big tt blockquote section wbr colgroup col',
);
/** SVG without fonts, animation and titles: HTML and XML parsers read titles differently. Names are in lower case, as parsed. */
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
/** Matches values that load nothing. A negative length would move an element over its neighbours. */
const VALUE = new RegExp(`^(?!(?:.*[\\s,])?-)(?:[\\w\\s.%#,/-]|${COLOUR})+$`);
const sides = (name: string): string[] => [name, ...words('top right bottom left').map((side) => `${name}-${side}`)];
/** CSS properties that leave an element in its place. */
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

/** Says what the sanitiser keeps. */
export type Policy = Required<Pick<IOptions, 'allowedTags' | 'allowedAttributes'>> & IOptions;

const LOOKS = { '*': Object.fromEntries(PROPERTIES.map((name) => [name, [VALUE]])) };
const ESCAPING = { disallowedTagsMode: 'escape', preserveEscapedAttributes: true } as const;

/** Policy for an output among the page's own elements. */
export const OUTPUT: Policy = {
  ...{
    ...LINKS,
    ...ESCAPING,
    allowedTags: MARKUP,
    allowedAttributes: { '*': MARKUP_ATTRIBUTES },
    allowedStyles: LOOKS,
  },
};

/** Policy for HTML in Markdown. Unknown tags are shown as written. */
export const TEXT: Policy = {
  ...OUTPUT,
  allowedTags: [...MARKUP, ...PROSE],
  allowedAttributes: { '*': [...MARKUP_ATTRIBUTES, ...PROSE_ATTRIBUTES] },
};

/** Policy for an output in a frame, before the reader lets its scripts run. Styles and drawings stay. */
export const FRAME: Policy = {
  ...LINKS,
  disallowedTagsMode: 'discard',
  // The content of these is not text for a reader.
  nonTextTags: ['script', 'style', 'title', 'template'],
  // Allows `style`: the frame is sandboxed, and withoutLoadingStyles removes what would load.
  allowVulnerableTags: true,
  allowedTags: [...MARKUP, ...PROSE, ...DRAWING, ...CONTROLS],
  allowedAttributes: {
    '*': [...MARKUP_ATTRIBUTES, ...PROSE_ATTRIBUTES, ...DRAWING_ATTRIBUTES, 'data-*', 'aria-*', 'role'],
  },
};

/** Keeps everything. A text is plain where a stricter policy gives the same result. */
export const EVERYTHING: IOptions = {
  ...ESCAPING,
  allowedTags: false,
  allowedAttributes: false,
  allowedSchemesAppliedToAttributes: [],
  allowVulnerableTags: true,
};
