#include "codec/posts_priv.h"

/* How to add a feed format:
 * 1. Write one file, codec/posts_<name>.c, that ends with
 *    `const struct post_format posts_<name> = {...};`, and declare it in posts_priv.h. `is` looks
 *    at the first bytes; `read` pulls records with pull_line or pull_fill, and hands each one to
 *    post_give, or tells it with post_gap and goes on behind it.
 * 2. Add one line to the table below, and the file to meson.build. The first one that says yes is
 *    taken: the special before the general.
 * 3. Document it in docs/reference/posts.md; docs/how-to/add-a-feed-format.md has the rest. */
static const struct post_format *const formats[] = {
    &posts_telegram, &posts_discord,  &posts_discord_package,
    &posts_matrix,   &posts_ail,      &posts_jsonfeed,
    &posts_stix,     &posts_misp,     &posts_misp_manifest,
    &posts_ransom,   &posts_mastodon, &posts_bluesky,
    &posts_reddit,   &posts_hn,       &posts_rss,
    &posts_mbox,     &posts_eml,      &posts_jsonl,
    &posts_tsv,      &posts_csv,
};

bool posts_format(size_t i, struct str *ret_name, struct str *ret_help)
{
    if (i >= ARRAY_LEN(formats))
        return false;
    *ret_name = str_of(formats[i]->name);
    *ret_help = str_of(formats[i]->help);
    return true;
}

bool post_map_parse(struct str text, struct post_map *ret_map, struct str *ret_wrong)
{
    struct post_map *m = ret_map;
    const struct {
        struct str name;
        struct str *to;
    } keys[] = {
        {STR("time"), &m->time}, {STR("ingest"), &m->ingest}, {STR("site"), &m->site},
        {STR("text"), &m->text}, {STR("author"), &m->author}, {STR("thread"), &m->thread},
        {STR("url"), &m->url},   {STR("id"), &m->id},         {STR("title"), &m->title},
        {STR("lang"), &m->lang}, {STR("source"), &m->source},
    };
    struct str part;
    *m = (struct post_map){0};
    while (text.p && str_cut(&text, ',', &part)) {
        ptrdiff_t at = str_chr(part, '=');
        struct str key = str_trim(str_sub(part, 0, at < 0 ? 0 : (size_t)at));
        struct str column = at < 0 ? STR_NONE : str_trim(str_sub(part, (size_t)at + 1, part.n));
        size_t i = 0;
        while (i < ARRAY_LEN(keys) && !str_eq(keys[i].name, key))
            i++;
        *ret_wrong = part;
        if (i == ARRAY_LEN(keys) || !column.n || keys[i].to->p)
            return false;
        *keys[i].to = column;
    }
    return true;
}

static enum err choose(struct post_reader *r, struct str head, const struct post_format **ret)
{
    struct str name = r->options->format;
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        *ret = formats[i];
        if (name.p ? str_eq(name, str_of(formats[i]->name)) : formats[i]->is(head))
            return OK;
    }
    if (name.p)
        return fail(r->error, ERR_USAGE, "there is no post format '%.*s'", STR_FMT(name));
    return fail(r->error, ERR_FORMAT, "no known format of posts");
}

static enum err read_all(struct post_reader *r)
{
    const struct post_format *format = NULL;
    enum err rc = OK;
    while (!rc && pull_view(r).n < POSTS_HEAD_BYTES)
        rc = pull_fill(r);
    if (!pull_view(r).n)
        return rc == END ? OK : rc;
    TRY(choose(r, str_sub(pull_view(r), 0, POSTS_HEAD_BYTES), &format));
    rc = format->read(r);
    return r->stopped ? r->stopped : rc == END ? OK : rc;
}

enum err posts_read(struct stream *stream, const struct post_options *options,
                    const struct post_sink *sink, uint64_t *ret_bytes, struct error *error)
{
    struct post_reader r = {.options = options, .sink = sink, .error = error};
    pull_open(&r, stream);
    enum err rc = read_all(&r), last = pull_settle(&r);
    *ret_bytes = r.offset;
    pull_close(&r);
    return rc ? rc : last;
}
