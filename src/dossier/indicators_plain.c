#include "dossier/indicator_sink.h"

/* Any text is a list of something: the answer of last resort. */
static int sniff(struct str text, const struct node *root)
{
    return !root && str_trim(text).n > 0 ? 1 : 0;
}

/* A comment behind a value starts with a blank: "#" alone may be part of a URL. */
static struct str cut_comment(struct str line, struct str *ret_note)
{
    *ret_note = STR_NONE;
    for (size_t i = 0; i + 1 < line.n; i++)
        if ((line.p[i] == ' ' || line.p[i] == '\t') && line.p[i + 1] == '#') {
            *ret_note = str_trim(str_sub(line, i + 2, line.n));
            return str_trim(str_sub(line, 0, i));
        }
    return line;
}

static bool is_comment(struct str line)
{
    return line.p[0] == '#' || line.p[0] == ';' || str_starts(line, STR("//"));
}

static enum tlp mark_of_note(struct indicator_sink *sink, uint32_t line, struct str note)
{
    return str_istarts(note, STR("tlp:")) ? sink_mark(sink, line, note) : TLP_UNKNOWN;
}

/* "HASH  FILE" or "HASH *FILE", as sha256sum and its like write it: the hash. */
static struct str without_file(struct str line, struct str *ret_file)
{
    size_t n = 0;
    while (n < line.n && ascii_hex((unsigned char)line.p[n]) >= 0)
        n++;
    bool hash = n == 32 || n == 40 || n == 64;
    if (!hash || n + 3 > line.n || line.p[n] != ' ' ||
        (line.p[n + 1] != ' ' && line.p[n + 1] != '*'))
        return line;
    *ret_file = str_sub(line, n + 2, line.n);
    return str_sub(line, 0, n);
}

static void load(struct indicator_sink *sink, struct str text, const struct node *root)
{
    struct str line, note;
    uint32_t number = 0;
    const enum tlp of_list = head_mark(text);
    (void)root;
    while (!sink->rc && str_cut(&text, '\n', &line)) {
        number++;
        line = str_trim(line);
        if (!line.n || is_comment(line))
            continue;
        line = without_file(cut_comment(line, &note), &note);
        struct str plain = value_refang(sink->arena, line);
        if (!plain.p)
            sink->rc = ERR_NOMEM;
        struct indicator proto = indicator_of(value_guess(plain));
        proto.note = sink_str(sink, note);
        proto.tlp = tlp_stricter(of_list, mark_of_note(sink, number, note));
        sink_add(sink, number, &proto, line);
    }
}

const struct indicator_source source_plain = {"plain", sniff, load};
