#include "codec/html_text.h"

/* Both tables are sorted by bytes. */
static const struct {
    const char *name;
    enum html_element kind;
} elements[] = {
    {"a", HTML_INLINE},         {"abbr", HTML_INLINE},      {"acronym", HTML_INLINE},
    {"address", HTML_BLOCK},    {"applet", HTML_INLINE},    {"area", HTML_INLINE},
    {"article", HTML_BLOCK},    {"aside", HTML_BLOCK},      {"audio", HTML_INLINE},
    {"b", HTML_INLINE},         {"base", HTML_INLINE},      {"basefont", HTML_INLINE},
    {"bdi", HTML_INLINE},       {"bdo", HTML_INLINE},       {"big", HTML_INLINE},
    {"blockquote", HTML_BLOCK}, {"body", HTML_INLINE},      {"br", HTML_BLOCK},
    {"button", HTML_INLINE},    {"canvas", HTML_INLINE},    {"caption", HTML_BLOCK},
    {"center", HTML_BLOCK},     {"cite", HTML_INLINE},      {"code", HTML_INLINE},
    {"col", HTML_INLINE},       {"colgroup", HTML_BLOCK},   {"data", HTML_INLINE},
    {"datalist", HTML_INLINE},  {"dd", HTML_BLOCK},         {"del", HTML_INLINE},
    {"details", HTML_BLOCK},    {"dfn", HTML_INLINE},       {"dialog", HTML_BLOCK},
    {"dir", HTML_BLOCK},        {"div", HTML_BLOCK},        {"dl", HTML_BLOCK},
    {"dt", HTML_BLOCK},         {"em", HTML_INLINE},        {"embed", HTML_INLINE},
    {"fieldset", HTML_BLOCK},   {"figcaption", HTML_BLOCK}, {"figure", HTML_BLOCK},
    {"font", HTML_INLINE},      {"footer", HTML_BLOCK},     {"form", HTML_BLOCK},
    {"frame", HTML_INLINE},     {"frameset", HTML_BLOCK},   {"h1", HTML_BLOCK},
    {"h2", HTML_BLOCK},         {"h3", HTML_BLOCK},         {"h4", HTML_BLOCK},
    {"h5", HTML_BLOCK},         {"h6", HTML_BLOCK},         {"head", HTML_HIDDEN},
    {"header", HTML_BLOCK},     {"hgroup", HTML_BLOCK},     {"hr", HTML_BLOCK},
    {"html", HTML_INLINE},      {"i", HTML_INLINE},         {"iframe", HTML_INLINE},
    {"img", HTML_INLINE},       {"input", HTML_INLINE},     {"ins", HTML_INLINE},
    {"kbd", HTML_INLINE},       {"keygen", HTML_INLINE},    {"label", HTML_INLINE},
    {"legend", HTML_BLOCK},     {"li", HTML_BLOCK},         {"link", HTML_INLINE},
    {"main", HTML_BLOCK},       {"map", HTML_INLINE},       {"mark", HTML_INLINE},
    {"menu", HTML_BLOCK},       {"meta", HTML_INLINE},      {"meter", HTML_INLINE},
    {"nav", HTML_BLOCK},        {"noembed", HTML_HIDDEN},   {"noframes", HTML_INLINE},
    {"noscript", HTML_INLINE},  {"object", HTML_INLINE},    {"ol", HTML_BLOCK},
    {"optgroup", HTML_BLOCK},   {"option", HTML_BLOCK},     {"output", HTML_INLINE},
    {"p", HTML_BLOCK},          {"param", HTML_INLINE},     {"picture", HTML_INLINE},
    {"pre", HTML_BLOCK},        {"progress", HTML_INLINE},  {"q", HTML_INLINE},
    {"rp", HTML_INLINE},        {"rt", HTML_INLINE},        {"ruby", HTML_INLINE},
    {"s", HTML_INLINE},         {"samp", HTML_INLINE},      {"script", HTML_HIDDEN},
    {"section", HTML_BLOCK},    {"select", HTML_INLINE},    {"slot", HTML_INLINE},
    {"small", HTML_INLINE},     {"source", HTML_INLINE},    {"span", HTML_INLINE},
    {"strike", HTML_INLINE},    {"strong", HTML_INLINE},    {"style", HTML_HIDDEN},
    {"sub", HTML_INLINE},       {"summary", HTML_BLOCK},    {"sup", HTML_INLINE},
    {"svg", HTML_HIDDEN},       {"table", HTML_BLOCK},      {"tbody", HTML_BLOCK},
    {"td", HTML_BLOCK},         {"template", HTML_HIDDEN},  {"textarea", HTML_BLOCK},
    {"tfoot", HTML_BLOCK},      {"th", HTML_BLOCK},         {"thead", HTML_BLOCK},
    {"time", HTML_INLINE},      {"title", HTML_INLINE},     {"tr", HTML_BLOCK},
    {"track", HTML_INLINE},     {"tt", HTML_INLINE},        {"u", HTML_INLINE},
    {"ul", HTML_BLOCK},         {"var", HTML_INLINE},       {"video", HTML_INLINE},
    {"wbr", HTML_INLINE},
};

static const struct {
    const char *name;
    uint16_t cp;
} letters[] = {
    {"AElig", 198},   {"Aacute", 193},   {"Acirc", 194},    {"Agrave", 192},  {"Alpha", 913},
    {"Aring", 197},   {"Atilde", 195},   {"Auml", 196},     {"Beta", 914},    {"Ccedil", 199},
    {"Chi", 935},     {"Dagger", 8225},  {"Delta", 916},    {"ETH", 208},     {"Eacute", 201},
    {"Ecirc", 202},   {"Egrave", 200},   {"Epsilon", 917},  {"Eta", 919},     {"Euml", 203},
    {"Gamma", 915},   {"Iacute", 205},   {"Icirc", 206},    {"Igrave", 204},  {"Iota", 921},
    {"Iuml", 207},    {"Kappa", 922},    {"Lambda", 923},   {"Mu", 924},      {"NewLine", 10},
    {"Ntilde", 209},  {"Nu", 925},       {"OElig", 338},    {"Oacute", 211},  {"Ocirc", 212},
    {"Ograve", 210},  {"Omega", 937},    {"Omicron", 927},  {"Oslash", 216},  {"Otilde", 213},
    {"Ouml", 214},    {"Phi", 934},      {"Pi", 928},       {"Prime", 8243},  {"Psi", 936},
    {"Rho", 929},     {"Scaron", 352},   {"Sigma", 931},    {"THORN", 222},   {"Tab", 9},
    {"Tau", 932},     {"Theta", 920},    {"Uacute", 218},   {"Ucirc", 219},   {"Ugrave", 217},
    {"Upsilon", 933}, {"Uuml", 220},     {"Xi", 926},       {"Yacute", 221},  {"Yuml", 376},
    {"Zeta", 918},    {"aacute", 225},   {"acirc", 226},    {"acute", 180},   {"aelig", 230},
    {"agrave", 224},  {"alefsym", 8501}, {"alpha", 945},    {"amp", 38},      {"and", 8743},
    {"ang", 8736},    {"apos", 39},      {"aring", 229},    {"ast", 42},      {"asymp", 8776},
    {"atilde", 227},  {"auml", 228},     {"bdquo", 8222},   {"beta", 946},    {"brvbar", 166},
    {"bsol", 92},     {"bull", 8226},    {"cap", 8745},     {"ccedil", 231},  {"cedil", 184},
    {"cent", 162},    {"chi", 967},      {"circ", 710},     {"clubs", 9827},  {"colon", 58},
    {"comma", 44},    {"commat", 64},    {"cong", 8773},    {"copy", 169},    {"crarr", 8629},
    {"cup", 8746},    {"curren", 164},   {"dArr", 8659},    {"dagger", 8224}, {"darr", 8595},
    {"deg", 176},     {"delta", 948},    {"diams", 9830},   {"divide", 247},  {"dollar", 36},
    {"eacute", 233},  {"ecirc", 234},    {"egrave", 232},   {"empty", 8709},  {"emsp", 8195},
    {"ensp", 8194},   {"epsilon", 949},  {"equals", 61},    {"equiv", 8801},  {"eta", 951},
    {"eth", 240},     {"euml", 235},     {"euro", 8364},    {"excl", 33},     {"exist", 8707},
    {"fnof", 402},    {"forall", 8704},  {"frac12", 189},   {"frac14", 188},  {"frac34", 190},
    {"frasl", 8260},  {"gamma", 947},    {"ge", 8805},      {"grave", 96},    {"gt", 62},
    {"hArr", 8660},   {"harr", 8596},    {"hearts", 9829},  {"hellip", 8230}, {"iacute", 237},
    {"icirc", 238},   {"iexcl", 161},    {"igrave", 236},   {"image", 8465},  {"infin", 8734},
    {"int", 8747},    {"iota", 953},     {"iquest", 191},   {"isin", 8712},   {"iuml", 239},
    {"kappa", 954},   {"lArr", 8656},    {"lambda", 955},   {"lang", 9001},   {"laquo", 171},
    {"larr", 8592},   {"lbrack", 91},    {"lceil", 8968},   {"lcub", 123},    {"ldquo", 8220},
    {"le", 8804},     {"lfloor", 8970},  {"lowast", 8727},  {"lowbar", 95},   {"loz", 9674},
    {"lpar", 40},     {"lrm", 8206},     {"lsaquo", 8249},  {"lsqb", 91},     {"lsquo", 8216},
    {"lt", 60},       {"macr", 175},     {"mdash", 8212},   {"micro", 181},   {"middot", 183},
    {"minus", 8722},  {"mu", 956},       {"nabla", 8711},   {"nbsp", 160},    {"ndash", 8211},
    {"ne", 8800},     {"ni", 8715},      {"not", 172},      {"notin", 8713},  {"nsub", 8836},
    {"ntilde", 241},  {"nu", 957},       {"num", 35},       {"oacute", 243},  {"ocirc", 244},
    {"oelig", 339},   {"ograve", 242},   {"oline", 8254},   {"omega", 969},   {"omicron", 959},
    {"oplus", 8853},  {"or", 8744},      {"ordf", 170},     {"ordm", 186},    {"oslash", 248},
    {"otilde", 245},  {"otimes", 8855},  {"ouml", 246},     {"para", 182},    {"part", 8706},
    {"percnt", 37},   {"period", 46},    {"permil", 8240},  {"perp", 8869},   {"phi", 966},
    {"pi", 960},      {"piv", 982},      {"plus", 43},      {"plusmn", 177},  {"pound", 163},
    {"prime", 8242},  {"prod", 8719},    {"prop", 8733},    {"psi", 968},     {"quest", 63},
    {"quot", 34},     {"rArr", 8658},    {"radic", 8730},   {"rang", 9002},   {"raquo", 187},
    {"rarr", 8594},   {"rbrack", 93},    {"rceil", 8969},   {"rcub", 125},    {"rdquo", 8221},
    {"real", 8476},   {"reg", 174},      {"rfloor", 8971},  {"rho", 961},     {"rlm", 8207},
    {"rpar", 41},     {"rsaquo", 8250},  {"rsqb", 93},      {"rsquo", 8217},  {"sbquo", 8218},
    {"scaron", 353},  {"sdot", 8901},    {"sect", 167},     {"semi", 59},     {"shy", 173},
    {"sigma", 963},   {"sigmaf", 962},   {"sim", 8764},     {"sol", 47},      {"spades", 9824},
    {"sub", 8834},    {"sube", 8838},    {"sum", 8721},     {"sup", 8835},    {"sup1", 185},
    {"sup2", 178},    {"sup3", 179},     {"supe", 8839},    {"szlig", 223},   {"tau", 964},
    {"there4", 8756}, {"theta", 952},    {"thetasym", 977}, {"thinsp", 8201}, {"thorn", 254},
    {"tilde", 732},   {"times", 215},    {"trade", 8482},   {"uArr", 8657},   {"uacute", 250},
    {"uarr", 8593},   {"ucirc", 251},    {"ugrave", 249},   {"uml", 168},     {"upsih", 978},
    {"upsilon", 965}, {"uuml", 252},     {"vert", 124},     {"weierp", 8472}, {"xi", 958},
    {"yacute", 253},  {"yen", 165},      {"yuml", 255},     {"zeta", 950},    {"zwj", 8205},
    {"zwnj", 8204},
};

enum { NAME_BYTES = 16 };

enum html_element html_element(struct str name)
{
    char low[NAME_BYTES];
    size_t from = 0, to = ARRAY_LEN(elements);
    if (name.n == 0 || name.n > sizeof low)
        return HTML_UNKNOWN;
    ascii_lower_all(low, name.p, name.n);
    while (from < to) {
        size_t mid = (from + to) / 2;
        int order = str_cmp(str_make(low, name.n), str_of(elements[mid].name));
        if (order == 0)
            return elements[mid].kind;
        if (order < 0)
            to = mid;
        else
            from = mid + 1;
    }
    return HTML_UNKNOWN;
}

uint32_t html_letter(struct str name)
{
    size_t from = 0, to = ARRAY_LEN(letters);
    while (from < to) {
        size_t mid = (from + to) / 2;
        int order = str_cmp(name, str_of(letters[mid].name));
        if (order == 0)
            return letters[mid].cp;
        if (order < 0)
            to = mid;
        else
            from = mid + 1;
    }
    return 0;
}
