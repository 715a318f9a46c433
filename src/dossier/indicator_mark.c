/* Marks of the Traffic Light Protocol as lists say them. Of several the strictest counts; what is
 * none is told and left out. */
#include "dossier/indicator_sink.h"

enum tlp sink_mark(struct indicator_sink *sink, uint32_t line, struct str word)
{
    enum tlp mark;
    if (!tlp_parse(word, &mark))
        sink_problem(sink, line, "%s is no mark of the Traffic Light Protocol",
                     sink_quote(sink, word));
    return mark;
}

static enum tlp strictest(struct indicator_sink *sink, uint32_t line, struct str list, bool tags)
{
    enum tlp mark = TLP_UNKNOWN;
    size_t from = 0;
    for (size_t i = 0; i <= list.n; i++) {
        if (i < list.n && list.p[i] != ',' && list.p[i] != ';' && list.p[i] != '|')
            continue;
        struct str word = str_trim(str_sub(list, from, i));
        from = i + 1;
        if (word.n && (!tags || str_istarts(word, STR("tlp:"))))
            mark = tlp_stricter(mark, sink_mark(sink, line, word));
    }
    return mark;
}

enum tlp sink_marks(struct indicator_sink *sink, uint32_t line, struct str list)
{
    return strictest(sink, line, list, false);
}

enum tlp sink_tags(struct indicator_sink *sink, uint32_t line, struct str list)
{
    return strictest(sink, line, list, true);
}

/* "# TLP:AMBER": a comment that says nothing else. */
static enum tlp mark_of_comment(struct str line)
{
    enum tlp mark = TLP_UNKNOWN;
    while (line.n && (line.p[0] == '#' || line.p[0] == ';' || line.p[0] == '/'))
        line = str_sub(line, 1, line.n);
    line = str_trim(line);
    if (str_istarts(line, STR("tlp:")))
        (void)tlp_parse(line, &mark);
    return mark;
}

enum tlp head_mark(struct str text)
{
    enum tlp mark = TLP_UNKNOWN;
    struct str line;
    while (str_cut(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.n && line.p[0] != '#' && line.p[0] != ';' && !str_starts(line, STR("//")))
            break;
        mark = tlp_stricter(mark, mark_of_comment(line));
    }
    return mark;
}
